/**
 * A naive model of loads for one node type with a unique badge and one bounded edge type: it builds the whole graph
 * that a load would leave and asks every rule of spec/schema 9 about it.
 */
import type { LoadMode } from "../../../lib/engine/engine.ts";

export interface ModelNode {
  readonly kind: "node";
  readonly id: string;
  readonly badge: number | null;
}

export interface ModelEdge {
  readonly kind: "edge";
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export type ModelLine = ModelNode | ModelEdge;

export interface ModelGraph {
  readonly nodes: ReadonlyMap<string, ModelNode>;
  readonly edges: ReadonlyMap<string, ModelEdge>;
}

export const EMPTY_GRAPH: ModelGraph = { nodes: new Map(), edges: new Map() };
export const EDGES_MIN = 1;
export const EDGES_MAX = 2;

/** The graph after the load, null if the load must be refused. */
export function modelLoad(graph: ModelGraph, mode: LoadMode, lines: readonly ModelLine[]): ModelGraph | null {
  const nodes = lines.filter((line) => line.kind === "node");
  const edges = lines.filter((line) => line.kind === "edge");
  if (hasRepeatedId(nodes) || (mode !== "merge" && hasRepeatedId(edges))) return null;
  const known = [
    ...nodes.filter((node) => graph.nodes.has(node.id)),
    ...edges.filter((e) => graph.edges.has(e.id)),
  ];
  if (mode === "append" && known.length > 0) return null;
  const after: ModelGraph = {
    nodes: image(graph.nodes, mode, nodes),
    edges: image(graph.edges, mode, edges),
  };
  const sound =
    uniqueBadges(after) && endpointsExist(after) && cardinalityHolds(after, touched(graph, mode, edges));
  return sound ? after : null;
}

function hasRepeatedId(lines: readonly ModelLine[]): boolean {
  return new Set(lines.map((line) => line.id)).size < lines.length;
}

function image<Line extends ModelLine>(
  before: ReadonlyMap<string, Line>,
  mode: LoadMode,
  lines: readonly Line[],
): ReadonlyMap<string, Line> {
  const kept = mode === "overwrite" && lines.length > 0 ? [] : [...before];
  return new Map([...kept, ...lines.map((line) => [line.id, line] as const)]);
}

function uniqueBadges(graph: ModelGraph): boolean {
  const badges = [...graph.nodes.values()].flatMap((node) => (node.badge === null ? [] : [node.badge]));
  return new Set(badges).size === badges.length;
}

function endpointsExist(graph: ModelGraph): boolean {
  return [...graph.edges.values()].every((edge) => graph.nodes.has(edge.from) && graph.nodes.has(edge.to));
}

/** Sources of written edges, and of stored ones that the load replaces or removes. */
function touched(before: ModelGraph, mode: LoadMode, edges: readonly ModelEdge[]): ReadonlySet<string> {
  const written = [...new Map(edges.map((edge) => [edge.id, edge])).values()];
  const gone =
    mode === "overwrite"
      ? edges.length > 0
        ? [...before.edges.values()]
        : []
      : written.flatMap((edge) => before.edges.get(edge.id) ?? []);
  return new Set([...written, ...gone].map((edge) => edge.from));
}

function cardinalityHolds(after: ModelGraph, sources: ReadonlySet<string>): boolean {
  return [...sources].every((source) => {
    if (!after.nodes.has(source)) return true;
    const count = [...after.edges.values()].filter((edge) => edge.from === source).length;
    return count >= EDGES_MIN && count <= EDGES_MAX;
  });
}
