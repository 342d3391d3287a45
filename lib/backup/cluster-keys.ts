/**
 * ClusterKeys: which objects below a storage root belong to its cluster, and which of them a backup takes. A root may lie
 * in a folder that holds other things too, such as the config.
 */
import { GRAPHS_PREFIX } from "../engine/paths.ts";
import { LOCK_FILE_KEY } from "../ledger/keys.ts";
import { RECOVERIES_PREFIX } from "../ledger/payload-key.ts";
import { STATE_KEY } from "../ports/state-key.ts";

/** What another writer puts first is listed last: approvals have their evidence, marks of open runs their records. */
export const CLUSTER_PREFIXES = ["__cluster/", "__graphform/"] as const;

export const OPEN_RUNS_PREFIX = "__graphform/open-runs/";

/** What belongs to a moment, to a process, to a disk or to the people of a deployment, and means nothing elsewhere. */
const PASSING = [
  "__graphform/commits/",
  "__graphform/doctor/",
  "__graphform/lease/",
  "__graphform/staging/",
  "__graphform/told-drift.json",
  "__graphform/versions/",
];

/** A legal key below one of the folders of a cluster. */
export function isClusterKey(key: string): boolean {
  const parts = key.split("/");
  const legal = parts.every((part) => part !== "" && part !== "." && part !== ".." && !/[\0\\]/.test(part));
  return legal && [...CLUSTER_PREFIXES, GRAPHS_PREFIX].some((prefix) => key.startsWith(prefix));
}

/** False for the ledger, which is read by itself, for the lock, for intents and for what passes. */
export function isBackedUp(key: string): boolean {
  if (key === STATE_KEY || key === LOCK_FILE_KEY || key.startsWith(RECOVERIES_PREFIX)) return false;
  return isClusterKey(key) && !PASSING.some((prefix) => key.startsWith(prefix));
}

/** What the inventory of a backup may name. */
export function isInventoryKey(key: string): boolean {
  return key === STATE_KEY || isBackedUp(key);
}

/** What the API records of requests and runs also where there is no cluster yet; it contradicts no history. */
const OF_REQUESTS = [
  "audit",
  "authors",
  "bundles",
  "open-runs",
  "plans",
  "request-keys",
  "run-outputs",
  "runs",
];

/** True for what may lie at a root that a cluster is restored into, and for the locks of commands that were refused. */
export function isBesideHistory(key: string): boolean {
  if (key === LOCK_FILE_KEY) return true;
  return ["locks", ...OF_REQUESTS].some((folder) => key.startsWith(`__graphform/${folder}/`));
}

/**
 * True for the files with rows, whose names are never used for other content; so one that was copied need not be read
 * again. Lance's hint of the newest version is the exception.
 */
export function isRowFile(key: string): boolean {
  return (
    /^graphs\/[^/]+\.omni\/[^/]+\/[^/]+\.lance\//.test(key) && !key.endsWith("/latest_version_hint.json")
  );
}
