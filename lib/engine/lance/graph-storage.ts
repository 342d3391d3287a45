/**
 * GraphStorage: what the Lance tables need from the storage root and Lance does not do itself: list folders, remove
 * trees, and make what was written survive a loss of power. A folder implements it in `lib/file/graph-folder.ts`.
 *
 * Keys are `/`-separated and relative to the root, without empty, `.` or `..` parts. No call throws.
 */
export type StorageOutcome<T> =
  | { readonly tag: "ok"; readonly value: T }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface GraphStorage {
  /** Names of the folders directly below the prefix, in byte order; none if there is nothing at the prefix. */
  listFolders(prefix: string): Promise<StorageOutcome<readonly string[]>>;
  /** Removes everything at and below the prefix. Idempotent. */
  removeTree(prefix: string): Promise<StorageOutcome<null>>;
  /**
   * Returns once everything at and below the prefix, and the way to it from the root, would survive a loss of power.
   * Lance itself never asks a file system for that; a store that is durable by nature has nothing to do here.
   */
  makeDurable(prefix: string): Promise<StorageOutcome<null>>;
}
