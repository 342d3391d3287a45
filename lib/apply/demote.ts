/**
 * Demote: when a graph-moving effect did not land, what depends on it does not run either (spec/cluster 8.5). Pure.
 * Other graphs are not touched (W16); a policy waits only for a graph that does not exist (W30); a provider that such a
 * graph is still bound to is not deleted (W31).
 */
import { type Address, graphAddress, parseAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Change, ChangeReason } from "../plan/change.ts";
import type { Edge } from "../plan/edges.ts";
import { withPolicyMoves } from "../plan/policy-moves.ts";
import type { Resources } from "./next-resources.ts";

export type FailureOrigin = "create" | "schema" | "delete";

export function demote(
  changes: readonly Change[],
  failures: ReadonlyMap<GraphId, FailureOrigin>,
  edges: readonly Edge[],
  recorded: Resources,
): readonly Change[] {
  if (failures.size === 0) return changes;
  const bound = new Set(
    [...failures.keys()].map((graph) => recorded[graphAddress(graph)]?.embedding_provider),
  );
  const missing = new Set(
    [...failures].filter(([, origin]) => origin === "create").map(([graph]) => graphAddress(graph)),
  );
  const demoted = changes.map((change): Change => {
    if (change.disposition !== "applied") return change;
    if (change.operation === "delete" && bound.has(change.resource)) {
      return { ...change, disposition: "blocked", reason: "provider_in_use" };
    }
    const reason = reasonFor(change, failures, missing, edges);
    return reason === null ? change : { ...change, disposition: "blocked", reason };
  });
  return withPolicyMoves(demoted);
}

function reasonFor(
  change: Change,
  failures: ReadonlyMap<GraphId, FailureOrigin>,
  missing: ReadonlySet<Address>,
  edges: readonly Edge[],
): ChangeReason | null {
  const address = parseAddress(change.resource);
  switch (address?.kind) {
    case "graph":
      return graphReason(failures.get(address.graph));
    case "schema": {
      const origin = failures.get(address.graph);
      if (origin === undefined) return null;
      return origin === "schema" ? "schema_apply_failed" : "dependency_not_applied";
    }
    case "query":
      return failures.has(address.graph) ? "dependency_not_applied" : null;
    case "policy": {
      const waits = edges.some((edge) => edge.from === change.resource && missing.has(edge.to));
      return waits && change.operation !== "delete" ? "dependency_not_applied" : null;
    }
    default:
      return null;
  }
}

function graphReason(origin: FailureOrigin | undefined): ChangeReason | null {
  switch (origin) {
    case "create":
      return "graph_create_failed";
    case "delete":
      return "graph_delete_failed";
    case "schema":
    case undefined:
      return null;
  }
}
