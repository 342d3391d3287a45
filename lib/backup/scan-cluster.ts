/**
 * ScanCluster: the keys of one moment of a cluster. Chains of manifests are listed before the files with rows: a load
 * that publishes meanwhile is then left out as a whole, and never a manifest without its rows.
 */
import type { GraphId } from "../digest/ids.ts";
import { GRAPHS_PREFIX, graphOfKey, manifestPrefix, manifestVersion } from "../engine/paths.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { CLUSTER_PREFIXES, isBackedUp } from "./cluster-keys.ts";
import { listKeys } from "./list-keys.ts";
import { done, type Step } from "./step.ts";

export interface ScannedCluster {
  /** In the order in which they are copied. */
  readonly keys: readonly StoreKey[];
  /** The newest version of each chain. */
  readonly heads: ReadonlyMap<GraphId, number>;
}

export async function scanCluster(source: StorePorts): Promise<Step<ScannedCluster>> {
  const roots = await listKeys(source, GRAPHS_PREFIX, { folders: true });
  if (roots.tag === "stopped") return roots;
  const manifests = new Set<string>();
  const heads = new Map<GraphId, number>();
  for (const graph of roots.value.flatMap((key) => graphOfKey(key) ?? [])) {
    const chain = await listKeys(source, manifestPrefix(graph));
    if (chain.tag === "stopped") return chain;
    for (const key of chain.value) {
      manifests.add(key);
      heads.set(graph, Math.max(heads.get(graph) ?? 0, manifestVersion(graph, key) ?? 0));
    }
  }
  const below = await listKeys(source, GRAPHS_PREFIX);
  if (below.tag === "stopped") return below;
  const keys = inChains(below.value, manifests, heads);
  for (const prefix of CLUSTER_PREFIXES) {
    const listed = await listKeys(source, prefix);
    if (listed.tag === "stopped") return listed;
    for (const key of listed.value) if (isBackedUp(key)) keys.push(key);
  }
  return done({ keys, heads });
}

/** What lies below `graphs/` without the versions, and the whole graphs, that are newer than the listed chains. */
function inChains(
  keys: readonly StoreKey[],
  manifests: ReadonlySet<string>,
  heads: ReadonlyMap<GraphId, number>,
): StoreKey[] {
  const begun = new Set<GraphId>();
  const isNewer = (key: StoreKey): boolean => {
    const graph = graphOfKey(key);
    if (graph === null || manifests.has(key) || !key.startsWith(manifestPrefix(graph))) return false;
    if (!heads.has(graph)) begun.add(graph);
    return true;
  };
  const older = keys.filter((key) => isBackedUp(key) && !isNewer(key));
  return older.filter((key) => !begun.has(graphOfKey(key) as GraphId));
}
