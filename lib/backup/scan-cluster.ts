/**
 * ScanCluster: the keys of one moment of a cluster. Chains of manifests are listed before the files with rows: a load
 * that publishes meanwhile is then left out as a whole, and never a manifest without its rows. Links are not followed.
 */
import type { GraphId } from "../digest/ids.ts";
import { GRAPHS_PREFIX, graphOfKey, manifestPrefix } from "../engine/paths.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { CLUSTER_PREFIXES, isBackedUp } from "./cluster-keys.ts";
import { listKeys, listSizes, refuseLinkedFolders } from "./list-keys.ts";
import { done, type Step } from "./step.ts";

/** An object as it was listed. */
export interface ScannedObject {
  readonly key: StoreKey;
  readonly bytes: number;
}

/** In the order in which they are copied. */
export async function scanCluster(source: StorePorts): Promise<Step<readonly ScannedObject[]>> {
  const unlinked = await refuseLinkedFolders(source, [GRAPHS_PREFIX, ...CLUSTER_PREFIXES]);
  if (unlinked.tag === "stopped") return unlinked;
  const roots = await listKeys(source, GRAPHS_PREFIX, { folders: true });
  if (roots.tag === "stopped") return roots;
  const manifests = new Set<string>();
  const chains = new Set<GraphId>();
  for (const graph of roots.value.flatMap((key) => graphOfKey(key) ?? [])) {
    const chain = await listKeys(source, manifestPrefix(graph));
    if (chain.tag === "stopped") return chain;
    for (const key of chain.value) {
      manifests.add(key);
      chains.add(graph);
    }
  }
  const below = await listSizes(source, GRAPHS_PREFIX);
  if (below.tag === "stopped") return below;
  const found = inChains([...below.value.keys()], manifests, chains);
  const objects = found.map((key) => ({ key, bytes: below.value.get(key) ?? 0 }));
  for (const prefix of CLUSTER_PREFIXES) {
    const listed = await listSizes(source, prefix);
    if (listed.tag === "stopped") return listed;
    for (const [key, bytes] of listed.value) if (isBackedUp(key)) objects.push({ key, bytes });
  }
  return done(objects);
}

/** What lies below `graphs/` without the versions, and the whole graphs, that are newer than the listed chains. */
function inChains(
  keys: readonly StoreKey[],
  manifests: ReadonlySet<string>,
  chains: ReadonlySet<GraphId>,
): StoreKey[] {
  const begun = new Set<GraphId>();
  const isNewer = (key: StoreKey): boolean => {
    const graph = graphOfKey(key);
    if (graph === null || manifests.has(key) || !key.startsWith(manifestPrefix(graph))) return false;
    if (!chains.has(graph)) begun.add(graph);
    return true;
  };
  const older = keys.filter((key) => isBackedUp(key) && !isNewer(key));
  return older.filter((key) => !begun.has(graphOfKey(key) as GraphId));
}
