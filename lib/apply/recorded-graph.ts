/**
 * `recorded(g)`: the manifest version of a graph that the ledger knows (design 7): in the receipt of the newest commit,
 * mirrored to `observations["graph.<id>"].graph_manifest_version`.
 */
import { graphAddress } from "../desired/address.ts";
import type { GraphId, IncarnationId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { RecordedGraph } from "../ledger/receipt.ts";
import type { JsonObject, LedgerState } from "../ledger/state.ts";

/** 0 if the ledger has recorded no version of the graph. */
export function recordedVersion(ledger: ReadyLedger, graph: GraphId): number {
  const receipt = ledger.receipt?.graphs[graph];
  if (receipt !== undefined) return receipt.manifest_version;
  return observedGraph(ledger.state, graphAddress(graph))?.manifest_version ?? 0;
}

/**
 * What an observation of ours mirrors, or null. One without an incarnation was written by OmniGraph, whose manifest
 * versions count something else; its tombstones have no version at all.
 */
export function observedGraph(state: LedgerState, address: string): RecordedGraph | null {
  const seen = state.observations[address];
  if (typeof seen !== "object" || seen === null || Array.isArray(seen)) return null;
  const { kind, graph_manifest_version: version, incarnation } = seen as JsonObject;
  if (typeof version !== "number") return null;
  if (kind === "tombstone") return { manifest_version: version, incarnation: null };
  if (typeof incarnation !== "string") return null;
  return { manifest_version: version, incarnation: incarnation as IncarnationId };
}
