/**
 * Enters one row of the file into the survey, and tells what it repeats (spec/schema 9: key, unique).
 *
 * An id that appears twice is an error, except for edges of a merge: there the last line wins, and the earlier one is
 * remembered as superseded. Tuples with a null are exempt.
 */
import type { LoadMode } from "../engine.ts";
import { cellOfColumn, type EdgeRow, type NodeRow, type Row } from "../rows/row.ts";
import type { RowFault } from "../rows/row-fault.ts";
import { uniqueTuple } from "../rows/unique-rule.ts";
import { idPlace, rulePlace } from "./place.ts";
import {
  DEFINED,
  type EdgeSurvey,
  edgeSurveyOf,
  type NodeSurvey,
  nodeSurvey,
  REFERENCED,
  type Survey,
  type TupleSurvey,
} from "./survey.ts";

/** The faults that the row makes together with earlier rows of the file. */
export function surveyRow(survey: Survey, row: Row, line: number, mode: LoadMode): readonly RowFault[] {
  return row.kind === "node"
    ? surveyNode(nodeSurvey(survey, row.shape), row, line)
    : surveyEdge(survey, row, line, mode);
}

function surveyNode(node: NodeSurvey, row: NodeRow, line: number): readonly RowFault[] {
  node.rows++;
  const repeated = row.id === null ? null : defineId(node, row.id, line);
  const faults = repeated === null ? [] : [duplicateId(row, repeated)];
  return [...faults, ...surveyTuples(node.tuples, row, line)];
}

function surveyEdge(survey: Survey, row: EdgeRow, line: number, mode: LoadMode): readonly RowFault[] {
  const edge = edgeSurveyOf(survey, row.shape);
  const repeated = row.id === null ? null : defineId(edge, row.id, line);
  if (repeated !== null && mode === "merge") survey.superseded.add(repeated);
  else edge.rows++;
  refer(nodeSurvey(survey, row.shape.from), row.src, line);
  refer(nodeSurvey(survey, row.shape.to), row.dst, line);
  countSource(edge, row.src, line);
  const faults = repeated !== null && mode !== "merge" ? [duplicateId(row, repeated)] : [];
  return [...faults, ...surveyTuples(edge.tuples, row, line)];
}

/** The line that defined the id before, null if none did. The newest line is remembered. */
function defineId(type: NodeSurvey | EdgeSurvey, id: string, line: number): number | null {
  const entry = type.ids.add(id);
  const repeated = type.ids.has(entry, DEFINED) ? type.ids.line(entry) : null;
  type.ids.mark(entry, DEFINED);
  type.ids.setLine(entry, line);
  type.idTexts.add(id);
  return repeated;
}

function refer(node: NodeSurvey, id: string, line: number): void {
  const entry = node.ids.add(id);
  if (node.ids.line(entry) === 0) node.ids.setLine(entry, line);
  node.ids.mark(entry, REFERENCED);
  node.idTexts.add(id);
}

function countSource(edge: EdgeSurvey, src: string, line: number): void {
  if (edge.sources === null) return;
  const entry = edge.sources.add(src);
  if (edge.sources.line(entry) === 0) edge.sources.setLine(entry, line);
  edge.sources.increment(entry);
  edge.sourceTexts.add(src);
}

const NO_FAULTS: readonly RowFault[] = [];

function surveyTuples(tuples: readonly TupleSurvey[], row: Row, line: number): readonly RowFault[] {
  if (tuples.length === 0) return NO_FAULTS;
  return tuples.flatMap((each) => surveyTuple(each, row, line));
}

function surveyTuple(survey: TupleSurvey, row: Row, line: number): readonly RowFault[] {
  const tuple = uniqueTuple(survey.rule, (column) => cellOfColumn(row, column));
  if (tuple === null) return NO_FAULTS;
  const entry = survey.tuples.add(tuple);
  const first = survey.tuples.line(entry);
  if (survey.lookup) survey.lookup.values.add(String(cellOfColumn(row, survey.lookup.column)));
  if (first === 0) {
    survey.tuples.setLine(entry, line);
    return NO_FAULTS;
  }
  return [
    {
      code: "load_unique_violation",
      message: `@unique violation on ${survey.rule.label}: line ${first} has the same value.`,
      place: rulePlace(row.shape, survey.rule),
    },
  ];
}

function duplicateId(row: Row, first: number): RowFault {
  return {
    code: "load_duplicate_id",
    message: `line ${first} already has this id: ${row.shape.name} '${row.id}'.`,
    place: idPlace(row.shape),
  };
}
