/**
 * Where the parts of a graph lie below the storage root (design 3, 6), and back from key to meaning.
 *
 * Guarantees: pure. A manifest's key counts down with its version, so that the newest sorts first and one list call
 * with limit 1 finds the head. A dataset's number is the version that first may pin it (P + 1), so that clean-up can
 * tell from the name alone until when an unpinned path may still be someone's unpublished work.
 */
import type { Digest } from "../digest/digest.ts";
import { type GraphId, type IncarnationId, isUlid, type OperationId, parseGraphId } from "../digest/ids.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const GRAPHS_PREFIX = "graphs/";
const ROOT_SUFFIX = ".omni";
const MANIFEST_FOLDER = "__manifest/";
const VERSION_CEILING = 10n ** 20n - 1n;

/** Ends with a slash. */
export function graphRoot(graph: GraphId): string {
  return `${GRAPHS_PREFIX}${graph}${ROOT_SUFFIX}/`;
}

/** Our root marker, a direct child of the root, put before anything else. */
export function markerKey(graph: GraphId): StoreKey {
  return storeKey(`${graphRoot(graph)}graphform.json`);
}

export function manifestPrefix(graph: GraphId): string {
  return `${graphRoot(graph)}${MANIFEST_FOLDER}`;
}

export function manifestKey(graph: GraphId, version: number): StoreKey {
  const countdown = (VERSION_CEILING - BigInt(version)).toString().padStart(20, "0");
  return storeKey(`${manifestPrefix(graph)}${countdown}.json`);
}

/** The version in a manifest's key; null if the key is not one of ours. */
export function manifestVersion(graph: GraphId, key: string): number | null {
  const prefix = manifestPrefix(graph);
  const name = key.startsWith(prefix) ? /^(\d{20})\.json$/.exec(key.slice(prefix.length)) : null;
  if (!name?.[1]) return null;
  const version = Number(VERSION_CEILING - BigInt(name[1]));
  return Number.isSafeInteger(version) && version > 0 ? version : null;
}

/** The graph whose root the key lies in; null if it lies in none. */
export function graphOfKey(key: string): GraphId | null {
  if (!key.startsWith(GRAPHS_PREFIX)) return null;
  const folder = key.slice(GRAPHS_PREFIX.length).split("/", 1)[0] ?? "";
  return folder.endsWith(ROOT_SUFFIX) ? parseGraphId(folder.slice(0, -ROOT_SUFFIX.length)) : null;
}

export function schemaRecordKey(record: Digest): StoreKey {
  return storeKey(`__graphform/schemas/${record}.json`);
}

export function schemaCopyKey(record: Digest): StoreKey {
  return storeKey(`__cluster/resources/schema/${record}.json`);
}

/** The folder of one incarnation's datasets, below the storage root; ends with a slash. */
export function incarnationPrefix(graph: GraphId, incarnation: IncarnationId): string {
  return `${graphRoot(graph)}${incarnation}/`;
}

/** A dataset's path below the graph root, as a manifest pins it. `first` is the version that may first pin it. */
export function datasetName(incarnation: IncarnationId, typeId: number, first: number): string {
  return `${incarnation}/${typeId}-${first}.lance`;
}

export interface DatasetName {
  readonly incarnation: IncarnationId;
  readonly type_id: number;
  readonly first: number;
}

export function parseDatasetName(name: string): DatasetName | null {
  const parts = /^([0-9A-Z]{26})\/([1-9]\d{0,9})-([1-9]\d{0,14})\.lance$/.exec(name);
  if (!parts?.[1] || !isUlid(parts[1])) return null;
  return {
    incarnation: parts[1] as IncarnationId,
    type_id: Number(parts[2]),
    first: Number(parts[3]),
  };
}

/** A pinned path below the storage root, as the tables port wants it. */
export function datasetPath(graph: GraphId, name: string): string {
  return `${graphRoot(graph)}${name}`;
}

/** The branch of one operation, named for the head that it was decided on (design 6). */
export function branchName(base: number, operation: OperationId): string {
  return `${base}-${operation}`;
}

/** The head that a branch's operation was decided on; null for a branch that is not ours. */
export function branchBase(branch: string): number | null {
  const parts = /^(0|[1-9]\d{0,14})-.+$/.exec(branch);
  return parts ? Number(parts[1]) : null;
}
