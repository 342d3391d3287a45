/**
 * RootFolder: where the files of one storage root lie, and which file a key names.
 *
 * Guarantees: a path is built from the absolute root and the parts of a legal key, never from a URL, so `%`, `#`, `?`
 * and spaces are ordinary characters (W21); a key that would leave the root names no file at all (W35). What only
 * this adapter needs lies below `__graphform/` in folders that no listing shows.
 */
import { join, resolve } from "node:path";
import { KEY_BYTES_MAX } from "./limits.ts";

/** Folders of this adapter below `__graphform/`; they hold no objects. */
export const INTERNAL_FOLDERS = {
  staging: "__graphform/staging",
  versions: "__graphform/versions",
  commits: "__graphform/commits",
  lease: "__graphform/lease",
} as const;

/** The prefix of the keys that only this product writes. */
export const OWN_PREFIX = "__graphform/";

export interface RootFolder {
  /** Absolute. */
  readonly path: string;
}

/** The root at `folder`, which need not exist yet. */
export function rootFolder(folder: string): RootFolder {
  return { path: resolve(folder) };
}

function isLegalPart(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && !/[\0\\]/.test(part);
}

/** True if `key` is a legal key of the object store. */
export function isLegalKey(key: string): boolean {
  return Buffer.byteLength(key, "utf8") <= KEY_BYTES_MAX && key.split("/").every(isLegalPart);
}

/** True if `key` or prefix lies in a folder that only this adapter uses. */
export function isInternal(key: string): boolean {
  return Object.values(INTERNAL_FOLDERS).some((folder) => key === folder || key.startsWith(`${folder}/`));
}

/** The file of a legal key, or null for an illegal one. */
export function keyPath(root: RootFolder, key: string): string | null {
  return isLegalKey(key) && !isInternal(key) ? join(root.path, ...key.split("/")) : null;
}

/** The folder of one of the adapter's own purposes. */
export function internalPath(root: RootFolder, folder: keyof typeof INTERNAL_FOLDERS): string {
  return join(root.path, ...INTERNAL_FOLDERS[folder].split("/"));
}

/** The folder that holds the generations of a key that has been replaced or removed. */
export function versionsPath(root: RootFolder, key: string): string {
  return join(internalPath(root, "versions"), ...key.split("/"));
}
