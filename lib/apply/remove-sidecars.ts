/**
 * Step (e) of design 7: removes the sidecars of settled effects, by exact key. Best effort: one that stays is found
 * settled by the next sweep.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ObjectStore, StoreKey, Version } from "../ports/object-store.ts";
import { inWaves } from "./wave.ts";

/** A sidecar by its exact key. `version`: that of its put, which saves looking; null: it is not known. */
export interface PlacedSidecar {
  readonly key: StoreKey;
  readonly version: Version | null;
}

/** The keys that are still there afterwards. */
export async function removeSidecars(
  store: ObjectStore,
  sidecars: readonly PlacedSidecar[],
): Promise<readonly StoreKey[]> {
  const left = await inWaves(sidecars, async ({ key, version }) => {
    const present = version === null ? await store.get(key) : ({ tag: "found", version } as const);
    if (present.tag === "absent") return null;
    if (present.tag === "unavailable") return key;
    const removed = await store.remove(key, present.version);
    const gone = removed.tag === "done" || (removed.tag === "refused" && removed.current.tag === "absent");
    return gone ? null : key;
  });
  return left.filter((key) => key !== null);
}

/** One warning for each sidecar that is still there. */
export function cleanupWarnings(root: string, left: readonly StoreKey[]): readonly Diagnostic[] {
  return left.map((key) => {
    const path = `${root}/${key}`;
    const message = `The finished intent ${path} could not be removed.`;
    return diagnostic("recovery_sidecar_cleanup_failed", { path, message });
  });
}
