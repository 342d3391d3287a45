/**
 * Step (e) of design 7: removes the sidecars of settled effects, by exact id. Best effort: one that stays is found
 * settled by the next sweep.
 */
import type { ClusterPorts } from "./cluster-ports.ts";
import type { Effect } from "./effect.ts";
import { sidecarKey } from "./sidecar.ts";
import { inWaves } from "./wave.ts";

/** The operations whose sidecar is still there afterwards. */
export async function removeSidecars(
  ports: Pick<ClusterPorts, "store">,
  effects: readonly Pick<Effect, "operation_id">[],
): Promise<readonly string[]> {
  const left = await inWaves(effects, async (effect) => {
    const key = sidecarKey(effect.operation_id);
    const present = await ports.store.get(key);
    if (present.tag === "absent") return null;
    if (present.tag === "unavailable") return effect.operation_id;
    const removed = await ports.store.remove(key, present.version);
    return removed.tag === "done" || (removed.tag === "refused" && removed.current.tag === "absent")
      ? null
      : effect.operation_id;
  });
  return left.filter((operation) => operation !== null);
}
