/**
 * What is wrong with the rows of a file taken together with the graph (spec/schema 9): ids that are stored already,
 * tuples that stored rows hold, endpoints that do not exist, sources with the wrong number of edges.
 *
 * The survey knows that there are such rows, not which texts they hold; so the file is read once more, only then.
 */

import type { LoadMode } from "../engine.ts";
import { cellOfColumn, type EdgeRow, type Row } from "../rows/row.ts";
import type { RowFault } from "../rows/row-fault.ts";
import { atLine } from "../rows/row-fault.ts";
import type { NodeShape } from "../rows/row-shape.ts";
import { uniqueTuple } from "../rows/unique-rule.ts";
import { cardinalityMessage } from "./check-cardinality.ts";
import type { FingerprintTable } from "./fingerprint-table.ts";
import { idPlace, rulePlace } from "./place.ts";
import {
  BROKEN,
  DEFINED,
  edgeSurveyOf,
  nodeSurvey,
  REFERENCED,
  STORED,
  type Survey,
  surveyOf,
  type TupleSurvey,
} from "./survey.ts";

/** True if at least one row of the file is at fault. */
export function needsExplanation(survey: Survey, mode: LoadMode): boolean {
  const types = [...survey.nodes.values(), ...survey.edges.values()];
  return (
    types.some((type) => mode === "append" && someEntry(type.ids, isKeyConflict)) ||
    types.some((type) => type.tuples.some(({ tuples }) => someEntry(tuples, isBroken))) ||
    [...survey.nodes.values()].some((node) => someEntry(node.ids, isMissing)) ||
    [...survey.edges.values()].some((edge) => edge.sources !== null && someEntry(edge.sources, isBroken))
  );
}

type EntryTest = (table: FingerprintTable, entry: number) => boolean;

const isBroken: EntryTest = (table, entry) => table.has(entry, BROKEN);
const isKeyConflict: EntryTest = (table, entry) => table.has(entry, DEFINED) && table.has(entry, STORED);
const isMissing: EntryTest = (table, entry) =>
  table.has(entry, REFERENCED) && !table.has(entry, DEFINED) && !table.has(entry, STORED);

function someEntry(table: FingerprintTable, test: EntryTest): boolean {
  for (let entry = 0; entry < table.size(); entry++) if (test(table, entry)) return true;
  return false;
}

/** The faults of one row. */
export function explainRow(survey: Survey, row: Row, line: number, mode: LoadMode): readonly RowFault[] {
  const { tuples } = surveyOf(survey, row.shape);
  const faults = tuples.flatMap((each) => clash(each, row));
  if (mode === "append") faults.unshift(...keyConflict(survey, row));
  if (row.kind === "edge")
    faults.push(...missingEndpoints(survey, row), ...wrongCardinality(survey, row, line));
  return faults;
}

function keyConflict(survey: Survey, row: Row): readonly RowFault[] {
  const { ids, shape } = surveyOf(survey, row.shape);
  const entry = row.id === null ? -1 : ids.find(row.id);
  if (entry === -1 || !isKeyConflict(ids, entry)) return [];
  const message = `the graph already has this id: ${shape.name} '${row.id}'.`;
  return [{ code: "load_key_conflict", message, place: idPlace(shape) }];
}

function clash(survey: TupleSurvey, row: Row): readonly RowFault[] {
  const tuple = uniqueTuple(survey.rule, (column) => cellOfColumn(row, column));
  const entry = tuple === null ? -1 : survey.tuples.find(tuple);
  if (entry === -1 || !survey.tuples.has(entry, BROKEN)) return [];
  const other = survey.clashes.get(entry);
  const who = other === undefined ? "a stored row" : `the stored row '${other}'`;
  const message = `@unique violation on ${survey.rule.label}: ${who} has the same value.`;
  return [{ code: "load_unique_violation", message, place: rulePlace(row.shape, survey.rule) }];
}

/** Nothing is said about endpoints while lines are unreadable: the missing node may stand on one of them. */
function missingEndpoints(survey: Survey, row: EdgeRow): readonly RowFault[] {
  if (survey.unidentified > 0) return [];
  return [
    ...missingEndpoint(survey, row.shape.from, "src", row.src),
    ...missingEndpoint(survey, row.shape.to, "dst", row.dst),
  ];
}

function missingEndpoint(
  survey: Survey,
  node: NodeShape,
  end: "src" | "dst",
  id: string,
): readonly RowFault[] {
  const { ids } = nodeSurvey(survey, node);
  if (!isMissing(ids, ids.find(id))) return [];
  const message = `${end} '${id}' not found in ${node.name}.`;
  return [{ code: "load_missing_endpoint", message, place: atLine(end === "src" ? "from" : "to") }];
}

/** Told once for each source, at the first of its lines; too few is not said while edges may stand on bad lines. */
function wrongCardinality(survey: Survey, row: EdgeRow, line: number): readonly RowFault[] {
  const edge = edgeSurveyOf(survey, row.shape);
  const entry = edge.sources?.find(row.src) ?? -1;
  if (edge.sources === null || entry === -1) return [];
  if (!edge.sources.has(entry, BROKEN) || edge.sources.line(entry) !== line) return [];
  if (survey.unidentified > 0 && edge.sources.count(entry) < edge.shape.min) return [];
  const message = cardinalityMessage(edge, row.src, edge.sources.count(entry));
  return [{ code: "load_cardinality_violation", message, place: atLine("from") }];
}
