/** Graphs and intents as they are stored in a world, read without any port. */
import { decodeSidecar, type Sidecar } from "../../lib/apply/sidecar.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { manifestKey } from "../../lib/engine/paths.ts";
import { textAt, type World } from "./world.ts";

/** One manifest of a chain; null if it is not there or damaged. */
export function manifestAt(world: World, graph: string, version: number): Manifest | null {
  const text = version < 1 ? null : textAt(world, manifestKey(graph as GraphId, version));
  return text === null || !text.endsWith("}\n") ? null : (JSON.parse(text) as Manifest);
}

/** The chain of a graph from its first version to its head. */
export function chainOf(world: World, graph: string): readonly Manifest[] {
  const chain: Manifest[] = [];
  for (let version = 1; ; version += 1) {
    const manifest = manifestAt(world, graph, version);
    if (manifest === null) return chain;
    chain.push(manifest);
  }
}

/** The sidecar under a key; null if it is not there or cannot be read. */
export function sidecarAt(world: World, key: string): Sidecar | null {
  const bytes = world.backend.objects.get(key);
  return bytes === undefined ? null : sidecarIn(bytes);
}

/** The sidecar in the bytes; null if they are none. */
export function sidecarIn(bytes: Uint8Array): Sidecar | null {
  const read = decodeSidecar(bytes);
  return read.tag === "decoded" ? read.sidecar : null;
}
