/**
 * WithoutRowKeys: a plan names rows that stand in the way of a schema change. Their keys are rows, so whoever may not read
 * the graph is told how many there are and not which. What is stored stays whole, because plans are compared.
 */
import { parseAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import { ROW_KEYS } from "../plan/reviewed-digest.ts";
import type { ClusterExchange } from "./api.ts";

/** `document` with a list of changes somewhere in it; the same object if it quotes nothing, or nothing that is secret. */
export async function withoutRowKeys<Document>(
  exchange: ClusterExchange,
  document: Document,
): Promise<Document> {
  const quoted = quotedGraphs(document);
  const decided = await Promise.all(
    [...quoted].map(async (graph) => ((await mayRead(exchange, graph)) ? [] : [graph])),
  );
  const hidden = new Set(decided.flat());
  return hidden.size === 0 ? document : (blanked(document, null, hidden) as Document);
}

async function mayRead(
  { api, ports, caller, request_id }: ClusterExchange,
  graph: GraphId,
): Promise<boolean> {
  const asked = { kind: "graph", action: "read", graph } as const;
  return (await api.access.decide(ports, caller, asked, { request_id })).tag === "allowed";
}

/** The graphs whose rows are quoted. */
function quotedGraphs(value: unknown, inside: GraphId | null = null): ReadonlySet<GraphId> {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...quotedGraphs(each, inside)]));
  if (!isObject(value)) return new Set();
  const graph = graphIn(value) ?? inside;
  const members = Object.entries(value).flatMap(([name, member]) => {
    if (name !== ROW_KEYS) return [...quotedGraphs(member, graph)];
    return graph !== null && Array.isArray(member) && member.length > 0 ? [graph] : [];
  });
  return new Set(members);
}

function blanked(value: unknown, inside: GraphId | null, hidden: ReadonlySet<GraphId>): unknown {
  if (Array.isArray(value)) return value.map((each) => blanked(each, inside, hidden));
  if (!isObject(value)) return value;
  const graph = graphIn(value) ?? inside;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isHidden = name === ROW_KEYS && graph !== null && hidden.has(graph);
      return [name, isHidden ? [] : blanked(member, graph, hidden)];
    }),
  );
}

/** The graph of a change. */
function graphIn({ resource }: Readonly<Record<string, unknown>>): GraphId | null {
  const address = typeof resource === "string" ? parseAddress(resource) : null;
  return address !== null && "graph" in address ? address.graph : null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
