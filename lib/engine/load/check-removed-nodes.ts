/**
 * Nodes that an overwrite removes although stored edges need them (spec/schema 9): edges of types that are not in the
 * file stay, and both their ends must be in the graph that the load would leave. Nothing is said while lines of the file
 * are unreadable: the node may stand on one of them.
 */
import type { NodeShape } from "../rows/row-shape.ts";
import type { TableOutcome } from "../tables.ts";
import { type Comparison, isOverwritten } from "./comparison.ts";
import { textsOf, visitStored } from "./stored-rows.ts";
import { DEFINED, type EdgeSurvey, nodeSurvey } from "./survey.ts";

/** `edge` is a type without rows in the file. */
export async function checkRemovedNodes(
  comparison: Comparison,
  edge: EdgeSurvey,
): Promise<TableOutcome<null>> {
  const { from, to, type_id } = edge.shape;
  const ends = [
    { column: "src", node: from },
    { column: "dst", node: to },
  ].filter(({ node }) => isOverwritten(comparison.mode, nodeSurvey(comparison.survey, node)));
  if (ends.length === 0 || comparison.survey.unidentified > 0) return { tag: "ok", value: null };
  const columns = ["id", ...ends.map((end) => end.column)];
  return visitStored(comparison.stored, { type_id, columns, where: null }, (batch) => {
    const ids = textsOf(batch, "id");
    for (const { column, node } of ends) {
      textsOf(batch, column).forEach((id, row) => {
        if (!isDefined(comparison, node, id)) tellRemoved(comparison, edge, column, node, id, ids[row] ?? "");
      });
    }
  });
}

function isDefined(comparison: Comparison, node: NodeShape, id: string): boolean {
  const { ids } = nodeSurvey(comparison.survey, node);
  const entry = ids.find(id);
  return entry !== -1 && ids.has(entry, DEFINED);
}

function tellRemoved(
  comparison: Comparison,
  edge: EdgeSurvey,
  column: string,
  node: NodeShape,
  id: string,
  edgeId: string,
): void {
  comparison.faults.add({
    code: "load_node_still_referenced",
    message: `${column} '${id}' not found in ${node.name}: the stored edge ${edge.shape.name} '${edgeId}' needs it.`,
    at: null,
  });
}
