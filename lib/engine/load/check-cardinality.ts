/**
 * `@card` of one edge type in the graph that a load would leave (spec/schema 9): the edges of the type at each source
 * that the load touches, counted by distinct edge id. A source that an edge moved away from is touched as well. A
 * node that no edge of the load concerns is not looked at, so a new node without edges passes a minimum.
 */
import type { RowBatch, TableOutcome } from "../tables.ts";
import { type Comparison, isOverwritten, isReplaced } from "./comparison.ts";
import { ERRORS_LISTED_MAX } from "./limits.ts";
import { type StoredVisit, textsOf, visitStored } from "./stored-rows.ts";
import { BROKEN, DEFINED, type EdgeSurvey, nodeSurvey, type Survey } from "./survey.ts";

const DONE: TableOutcome<null> = { tag: "ok", value: null };
/** Flag of sources: told already, although no line of the file names them. */
const TOLD = 2;

export async function checkCardinality(
  comparison: Comparison,
  edge: EdgeSurvey,
): Promise<TableOutcome<null>> {
  if (edge.sources === null) return DONE;
  if (isOverwritten(comparison.mode, edge)) {
    markBroken(edge);
    return tellDeserted(comparison, edge);
  }
  const moved = movedVisit(comparison, edge);
  if (moved !== null) {
    const touched = await visitStored(comparison.stored, moved, (batch) =>
      eachReplaced(comparison, edge, batch, (src) => {
        edge.sources?.add(src);
        edge.sourceTexts.add(src);
      }),
    );
    if (touched.tag !== "ok") return touched;
  }
  const counted = await countStored(comparison, edge);
  if (counted.tag !== "ok") return counted;
  const untold = markBroken(edge);
  if (moved === null || !untold) return DONE;
  return visitStored(comparison.stored, moved, (batch) =>
    eachReplaced(comparison, edge, batch, (src) => tellMoved(comparison, edge, src)),
  );
}

/** Who says how many edges: `@card violation on edge E: source 's' has 3 edges (max 2)`. */
export function cardinalityMessage(edge: EdgeSurvey, src: string, count: number): string {
  const { name, min, max } = edge.shape;
  const bound = max !== null && count > max ? `max ${max}` : `min ${min}`;
  return `@card violation on edge ${name}: source '${src}' has ${count} edges (${bound}).`;
}

/** Sources lose edges only if a merge replaces edges by id; that matters only to a minimum. */
function movedVisit(comparison: Comparison, edge: EdgeSurvey): StoredVisit | null {
  if (comparison.mode !== "merge" || edge.shape.min === 0 || edge.ids.size() === 0) return null;
  const where = { column: "id", values: edge.idTexts };
  return { type_id: edge.shape.type_id, columns: ["id", "src"], where };
}

function eachReplaced(
  comparison: Comparison,
  edge: EdgeSurvey,
  batch: RowBatch,
  onSource: (src: string) => void,
): void {
  const sources = textsOf(batch, "src");
  textsOf(batch, "id").forEach((id, row) => {
    if (isReplaced(comparison.mode, edge, id)) onSource(sources[row] ?? "");
  });
}

function countStored(comparison: Comparison, edge: EdgeSurvey): Promise<TableOutcome<null>> {
  const where = { column: "src", values: edge.sourceTexts };
  const visit = { type_id: edge.shape.type_id, columns: ["id", "src"], where };
  return visitStored(comparison.stored, visit, (batch) => {
    const sources = textsOf(batch, "src");
    textsOf(batch, "id").forEach((id, row) => {
      if (isReplaced(comparison.mode, edge, id)) return;
      const entry = edge.sources?.find(sources[row] ?? "") ?? -1;
      if (entry !== -1) edge.sources?.increment(entry);
    });
  });
}

/** True if a broken source is named by no line of the file. */
function markBroken(edge: EdgeSurvey): boolean {
  const { sources, shape } = edge;
  if (sources === null) return false;
  let untold = false;
  for (let entry = 0; entry < sources.size(); entry++) {
    const count = sources.count(entry);
    if (count >= shape.min && (shape.max === null || count <= shape.max)) continue;
    sources.mark(entry, BROKEN);
    untold ||= sources.line(entry) === 0;
  }
  return untold;
}

function tellMoved(comparison: Comparison, edge: EdgeSurvey, src: string): void {
  const { sources } = edge;
  const entry = sources?.find(src) ?? -1;
  if (sources === null || entry === -1 || sources.line(entry) !== 0) return;
  if (sources.has(entry, BROKEN) && !sources.has(entry, TOLD)) tell(comparison, edge, src, entry);
}

/** All of these have too few edges; the missing ones may stand on lines that could not be read. */
function tell(comparison: Comparison, edge: EdgeSurvey, src: string, entry: number): void {
  if (comparison.survey.unidentified > 0) return;
  edge.sources?.mark(entry, TOLD);
  const message = cardinalityMessage(edge, src, edge.sources?.count(entry) ?? 0);
  comparison.faults.add({ code: "load_cardinality_violation", message, at: null });
}

/** Sources whose edges an overwrite removes, and that stay in the graph with none. */
async function tellDeserted(comparison: Comparison, edge: EdgeSurvey): Promise<TableOutcome<null>> {
  if (edge.shape.min === 0) return DONE;
  const visit = { type_id: edge.shape.type_id, columns: ["src"], where: null };
  return visitStored(comparison.stored, visit, (batch) => {
    for (const src of textsOf(batch, "src")) {
      if (comparison.faults.count() >= ERRORS_LISTED_MAX || edge.sources?.find(src) !== -1) continue;
      if (staysWithoutLine(comparison.survey, comparison.mode, edge, src)) {
        tell(comparison, edge, src, edge.sources.add(src));
      }
    }
  });
}

function staysWithoutLine(survey: Survey, mode: Comparison["mode"], edge: EdgeSurvey, src: string): boolean {
  const node = nodeSurvey(survey, edge.shape.from);
  if (!isOverwritten(mode, node)) return true;
  const entry = node.ids.find(src);
  return entry !== -1 && node.ids.has(entry, DEFINED);
}
