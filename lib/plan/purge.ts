/**
 * Purge: the plan that destroys what earlier soft drops of one graph have hidden (design 8). It is no difference
 * between config and ledger: it keeps the live schema and takes bytes away. Pure.
 */
import { parseAddress, schemaAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { RawChange } from "./change.ts";
import type { PlanDocument } from "./plan-document.ts";

/** The one change of a purge; none if the ledger has no schema of the graph. */
export function purgeChanges(graph: GraphId, state: LedgerState | null): readonly RawChange[] {
  const resource = schemaAddress(graph);
  const digest = state?.applied_revision.resources[resource]?.digest;
  if (digest === undefined) return [];
  return [{ resource, operation: "update", before_digest: digest, after_digest: digest, purge: true }];
}

/** The graph that a plan purges; null for the plan of a config. */
export function purgedGraph(plan: PlanDocument): GraphId | null {
  const address = plan.changes.flatMap((change) =>
    change.purge === true ? [parseAddress(change.resource)] : [],
  )[0];
  return address?.kind === "schema" ? address.graph : null;
}
