/**
 * ListQueries: what a caller sees of the stored queries of a graph, by the graph's exposure mode (spec/policy 5.3):
 *
 * - `read_gated`: all of them, for who may read `main`; nothing for who may not
 * - `invocable`: those that the caller may invoke
 * - `policy`: those that the caller may list
 *
 * An unknown graph and one whose policy does not know the caller are the same `hidden`.
 */
import { graphAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { PolicyEngine } from "../policy/decide.ts";
import type { QueryCatalog, QueryListing } from "./access.ts";
import type { AppliedRead } from "./applied-policy.ts";
import { MAIN_BRANCH } from "./graph-decision.ts";
import type { Asked } from "./judged.ts";
import { graphQueries } from "./query-catalog.ts";

export interface ListedQueries {
  readonly catalog: QueryCatalog;
  readonly policy_digest: string | null;
  readonly context: unknown;
}

export async function listQueries(
  { settings, shelf, ports, caller }: Asked,
  applied: AppliedRead,
  graph: GraphId,
): Promise<ListedQueries> {
  const unbound = { policy_digest: null, context: { unbound_graph: settings.unbound_graph } };
  if (applied.tag === "failed") return { ...unbound, catalog: applied };
  if (applied.tag === "nothing" || !(graphAddress(graph) in applied.resources)) {
    return { ...unbound, catalog: { tag: "hidden" } };
  }
  const bound = await shelf.graph(ports, applied, graph);
  if (bound.tag === "failed") return { ...unbound, catalog: bound };
  if (bound.tag === "unbound" && settings.unbound_graph === "deny") {
    return { ...unbound, catalog: { tag: "hidden" } };
  }
  const engine = bound.tag === "engine" ? bound.engine : null;
  const facts =
    bound.tag === "engine"
      ? { policy_digest: bound.digest, context: { groups: bound.engine.groupsOf(caller) } }
      : unbound;
  if (engine?.knows(caller) === false) return { ...facts, catalog: { tag: "hidden" } };
  const all = await graphQueries(ports, applied, graph, shelf.catalogs);
  if (all.tag === "failed") return { ...facts, catalog: all };
  const visible = engine === null ? all : visibleTo(engine, caller, all.queries);
  if (visible.tag === "failed") return { ...facts, catalog: visible };
  const { queries } = visible;
  return { ...facts, catalog: { tag: "listed", queries, revision: applied.revision } };
}

type Visible =
  | { readonly tag: "visible"; readonly queries: readonly QueryListing[] }
  | { readonly tag: "failed"; readonly reason: string };

function visibleTo(engine: PolicyEngine, caller: Asked["caller"], all: readonly QueryListing[]): Visible {
  switch (engine.exposure) {
    case "read_gated": {
      const decided = engine.decide({ ...caller, action: "read", branch: MAIN_BRANCH });
      if (decided.tag === "failed") return { tag: "failed", reason: decided.message };
      return { tag: "visible", queries: decided.tag === "allow" ? all : [] };
    }
    case "invocable":
      return picked(engine, caller, "invoke_query", all);
    case "policy":
      return picked(engine, caller, "list_query", all);
    default:
      return assertNever(engine.exposure);
  }
}

function picked(
  engine: PolicyEngine,
  caller: Asked["caller"],
  action: "list_query" | "invoke_query",
  all: readonly QueryListing[],
): Visible {
  const visible = engine.visibleQueries(caller, action, all);
  if (visible.tag === "failed") return { tag: "failed", reason: visible.reason };
  const names = new Set(visible.queries.map(({ name }) => name));
  return { tag: "visible", queries: all.filter(({ name }) => names.has(name)) };
}
