/**
 * Compares the survey of a file with the rows that the graph stores (spec/schema 9), and marks in the survey what
 * cannot be: ids that are stored, tuples that stored rows hold, sources with too many or too few edges.
 *
 * Guarantees: stored rows are visited in batches and not kept. What concerns no line of the file, because only stored
 * edges are affected, goes to the log.
 */
import { uniqueTuple } from "../rows/unique-rule.ts";
import type { Cell, RowBatch, TableOutcome } from "../tables.ts";
import { checkCardinality } from "./check-cardinality.ts";
import { checkRemovedNodes } from "./check-removed-nodes.ts";
import { type Comparison, isOverwritten, isReplaced } from "./comparison.ts";
import { ERRORS_LISTED_MAX } from "./limits.ts";
import { textsOf, visitStored } from "./stored-rows.ts";
import { BROKEN, type EdgeSurvey, type NodeSurvey, STORED, type TupleSurvey } from "./survey.ts";

export async function compareStored(comparison: Comparison): Promise<TableOutcome<null>> {
  const { survey, mode } = comparison;
  for (const type of [...survey.nodes.values(), ...survey.edges.values()]) {
    if (isOverwritten(mode, type)) continue;
    const outcome = await compareType(comparison, type);
    if (outcome.tag !== "ok") return outcome;
  }
  for (const edge of survey.edges.values()) {
    const outcome =
      edge.rows > 0 ? await checkCardinality(comparison, edge) : await checkRemovedNodes(comparison, edge);
    if (outcome.tag !== "ok") return outcome;
  }
  return { tag: "ok", value: null };
}

async function compareType(
  comparison: Comparison,
  type: NodeSurvey | EdgeSurvey,
): Promise<TableOutcome<null>> {
  if (type.ids.size() > 0) {
    const where = { column: "id", values: type.idTexts };
    const visit = { type_id: type.shape.type_id, columns: ["id"], where };
    const marked = await visitStored(comparison.stored, visit, (batch) => markStored(type, batch));
    if (marked.tag !== "ok") return marked;
  }
  for (const tuple of type.tuples) {
    if (tuple.tuples.size() === 0) continue;
    const columns = ["id", ...tuple.rule.fields.map((field) => field.column)];
    const visit = { type_id: type.shape.type_id, columns, where: tuple.lookup };
    const compared = await visitStored(comparison.stored, visit, (batch) =>
      markClashes(comparison, type, tuple, batch),
    );
    if (compared.tag !== "ok") return compared;
  }
  return { tag: "ok", value: null };
}

function markStored(type: NodeSurvey | EdgeSurvey, batch: RowBatch): void {
  for (const id of textsOf(batch, "id")) {
    const entry = type.ids.find(id);
    if (entry !== -1) type.ids.mark(entry, STORED);
  }
}

function markClashes(
  comparison: Comparison,
  type: NodeSurvey | EdgeSurvey,
  tuple: TupleSurvey,
  batch: RowBatch,
): void {
  const ids = textsOf(batch, "id");
  for (let row = 0; row < batch.length; row++) {
    const cellOf = (column: string): Cell => batch.columns.get(column)?.[row] ?? null;
    const text = uniqueTuple(tuple.rule, cellOf);
    const entry = text === null ? -1 : tuple.tuples.find(text);
    const id = ids[row] ?? "";
    if (entry === -1 || isReplaced(comparison.mode, type, id)) continue;
    tuple.tuples.mark(entry, BROKEN);
    if (tuple.clashes.size < ERRORS_LISTED_MAX) tuple.clashes.set(entry, id);
  }
}
