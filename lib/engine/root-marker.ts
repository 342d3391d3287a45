/**
 * The root marker `graphs/<id>.omni/graphform.json`: put before anything else of a graph and never changed, so that
 * another tool's probe of the root sees something that it cannot open, never an absent graph (design 6).
 *
 * Guarantees: the content depends on the graph id only, so any number of writers put the same bytes.
 */
import type { GraphId } from "../digest/ids.ts";
import { MARKER_BYTES_MAX } from "./limits.ts";
import { parseJsonObject } from "./parse-json.ts";

const MARKER_FORMAT = "graphform-graph";

export function encodeMarker(graph: GraphId): Uint8Array {
  const marker = { format_version: 1, format: MARKER_FORMAT, graph };
  return new TextEncoder().encode(`${JSON.stringify(marker)}\n`);
}

/** True if the bytes are the marker of this graph, in this or a later format. */
export function isMarkerOf(graph: GraphId, bytes: Uint8Array): boolean {
  const json = parseJsonObject(bytes, MARKER_BYTES_MAX);
  return json.tag === "object" && json.value["format"] === MARKER_FORMAT && json.value["graph"] === graph;
}
