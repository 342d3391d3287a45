/** Blast radius: for each change, everything that depends on it, transitively (spec/cluster 7.5, W32). */
import type { Address } from "../desired/address.ts";
import type { RawChange } from "./change.ts";
import { dependentsOf, type Edge, edgesByTarget } from "./edges.ts";

export interface BlastRadius {
  readonly resource: Address;
  readonly affected: readonly Address[];
}

/** One row for each change that something depends on, in the order of the changes. */
export function blastRadius(changes: readonly RawChange[], edges: readonly Edge[]): readonly BlastRadius[] {
  const byTarget = edgesByTarget(edges);
  return changes
    .map((change) => ({ resource: change.resource, affected: dependentsOf(change.resource, byTarget) }))
    .filter((row) => row.affected.length > 0);
}
