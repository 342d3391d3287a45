/**
 * Who sees and who invokes which stored queries of a graph (spec/policy 5.3).
 *
 * Guarantees: pure. Nobody learns by asking whether a query exists that they may neither list nor invoke: what is
 * denied and what is missing give one answer after the same work. Nothing here depends on queries that stay hidden,
 * so counts and digests that a caller makes of the visible ones tell nothing either.
 */
import { assertNever } from "../digest/assert.ts";
import type { PolicyActor, PolicyEngine } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { QueryRef } from "./query-scope.ts";

export type ListedQueries =
  | { readonly tag: "listed"; readonly queries: readonly QueryRef[] }
  /** Only where listing is gated by `read` as a whole. */
  | { readonly tag: "denied"; readonly decision: Decision }
  /** The bundle does not know the caller: the same answer as for a graph that does not exist. */
  | { readonly tag: "hidden" }
  | { readonly tag: "failed"; readonly reason: string };

export type QueryGate =
  | { readonly tag: "allowed"; readonly decision: Decision }
  /** Not there, or not to be known. */
  | { readonly tag: "missing" }
  /** The caller may list the query, so that a plain refusal reveals nothing. */
  | { readonly tag: "denied"; readonly decision: Decision }
  | { readonly tag: "failed"; readonly reason: string };

/** The branch whose readers see the catalog of a graph without a policy of its own about queries. */
const CATALOG_BRANCH = "main";
/** Stands in for a query that does not exist; no query can have this name. */
const ABSENT: QueryRef = { name: "@absent", mutation: false };

/** Those of `catalog` that the caller sees. */
export function listQueries(
  engine: PolicyEngine,
  actor: PolicyActor,
  catalog: readonly QueryRef[],
): ListedQueries {
  const { exposure } = engine;
  switch (exposure) {
    case "read_gated": {
      const decision = engine.decide({ ...actor, action: "read", branch: CATALOG_BRANCH });
      if (decision.tag === "failed") return { tag: "failed", reason: decision.message };
      return decision.tag === "allow" ? { tag: "listed", queries: catalog } : { tag: "denied", decision };
    }
    case "invocable":
      return listVisible(engine, actor, "invoke_query", catalog);
    case "policy":
      return listVisible(engine, actor, "list_query", catalog);
    default:
      return assertNever(exposure);
  }
}

function listVisible(
  engine: PolicyEngine,
  actor: PolicyActor,
  action: "list_query" | "invoke_query",
  catalog: readonly QueryRef[],
): ListedQueries {
  if (!engine.knows(actor)) return { tag: "hidden" };
  const visible = engine.visibleQueries(actor, action, catalog);
  return visible.tag === "failed" ? visible : { tag: "listed", queries: visible.queries };
}

/** Whether the caller may invoke `query`; null: there is none of the name that was asked for. */
export function gateQuery(engine: PolicyEngine, actor: PolicyActor, query: QueryRef | null): QueryGate {
  const about = query ?? ABSENT;
  const decision = engine.decide({ ...actor, action: "invoke_query", query: about });
  if (decision.tag === "failed") return { tag: "failed", reason: decision.message };
  if (decision.tag === "allow") return query === null ? { tag: "missing" } : { tag: "allowed", decision };
  if (engine.exposure !== "policy") return { tag: "missing" };
  const listing = engine.decide({ ...actor, action: "list_query", query: about });
  if (listing.tag === "failed") return { tag: "failed", reason: listing.message };
  return listing.tag === "allow" && query !== null ? { tag: "denied", decision } : { tag: "missing" };
}
