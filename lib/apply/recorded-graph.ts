/**
 * `recorded(g)`: the manifest version of a graph that the ledger knows (design 7): in the receipt of the newest commit,
 * mirrored to `observations["graph.<id>"].graph_manifest_version`.
 */
import { graphAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";

/** 0 if the ledger has recorded no version of the graph. */
export function recordedVersion(ledger: ReadyLedger, graph: GraphId): number {
  const receipt = ledger.receipt?.graphs[graph];
  if (receipt !== undefined) return receipt.manifest_version;
  const observation = ledger.state.observations[graphAddress(graph)];
  if (typeof observation !== "object" || observation === null || Array.isArray(observation)) return 0;
  const version = (observation as { readonly graph_manifest_version?: unknown }).graph_manifest_version;
  return typeof version === "number" ? version : 0;
}
