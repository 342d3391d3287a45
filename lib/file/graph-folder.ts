/**
 * Graph folder: the plain file operations below one storage root that the engine's tables need beside Lance
 * (lib/engine/lance/graph-storage): list folders, remove trees, make trees durable.
 *
 * Guarantees: no call reaches outside the root, none follows a symbolic link, none throws for what a file system can
 * do. Removing is idempotent. `makeDurable` syncs files before the folders that name them, so that after a loss of
 * power an entry never points at missing bytes. Other writers may work in the same folders all the while.
 */
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { compareBytes } from "../digest/digest.ts";
import { attempt, type CallOutcome, NODE_FILE_CALLS } from "./file-calls.ts";
import { REMOVE_RETRY_MS, REMOVE_TRIES_MAX } from "./limits.ts";
import { isLegalKey } from "./root-folder.ts";

type FolderOutcome<T> =
  | { readonly tag: "ok"; readonly value: T }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface GraphFolder {
  /** Names of the folders directly below the prefix, in byte order; none if there is nothing at the prefix. */
  listFolders(prefix: string): Promise<FolderOutcome<readonly string[]>>;
  /** Removes everything at and below the prefix. */
  removeTree(prefix: string): Promise<FolderOutcome<null>>;
  /** Syncs everything at and below the prefix, a folder or a file, and the way to it from the root. */
  makeDurable(prefix: string): Promise<FolderOutcome<null>>;
}

const DONE = { tag: "ok", value: null } as const;
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);

/** The graph folder below `root`, an absolute path. */
export function createGraphFolder(root: string): GraphFolder {
  return {
    listFolders: (prefix) => located(prefix, (parts) => listFolders(join(root, ...parts))),
    removeTree: (prefix) => located(prefix, (parts) => removeTree(root, parts)),
    makeDurable: (prefix) => located(prefix, (parts) => makeDurable(root, parts)),
  };
}

async function located<T>(
  prefix: string,
  act: (parts: readonly string[]) => Promise<FolderOutcome<T>>,
): Promise<FolderOutcome<T>> {
  const key = prefix.replace(/\/$/, "");
  if (!isLegalKey(key)) return { tag: "unavailable", reason: `'${prefix}' is no key below the root` };
  return act(key.split("/"));
}

async function listFolders(folder: string): Promise<FolderOutcome<readonly string[]>> {
  const entries = await attempt(() => readdir(folder, { withFileTypes: true }));
  if (isGone(entries)) return { tag: "ok", value: [] };
  if (entries.tag === "failed") return unavailable(entries);
  const names = entries.value.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return { tag: "ok", value: names.sort(compareBytes) };
}

async function removeTree(root: string, parts: readonly string[]): Promise<FolderOutcome<null>> {
  const options = {
    recursive: true,
    force: true,
    maxRetries: REMOVE_TRIES_MAX,
    retryDelay: REMOVE_RETRY_MS,
  };
  const removed = await attempt(() => rm(join(root, ...parts), options));
  if (removed.tag === "failed" && !isGone(removed)) return unavailable(removed);
  const synced = await attempt(() => NODE_FILE_CALLS.syncFolder(join(root, ...parts.slice(0, -1))));
  return synced.tag === "failed" && !isGone(synced) ? unavailable(synced) : DONE;
}

async function makeDurable(root: string, parts: readonly string[]): Promise<FolderOutcome<null>> {
  const tree = await syncTree(join(root, ...parts));
  if (tree.tag === "failed") return unavailable(tree);
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    const synced = await attempt(() => NODE_FILE_CALLS.syncFolder(join(root, ...parts.slice(0, depth))));
    if (synced.tag === "failed") return unavailable(synced);
  }
  return DONE;
}

/**
 * Files first, then folders, then the folder itself. What has gone since the folder was read was another writer's: a
 * temporary name, or a branch that was dropped.
 */
async function syncTree(folder: string): Promise<CallOutcome<void>> {
  const entries = await attempt(() => readdir(folder, { withFileTypes: true }));
  if (entries.tag === "failed") return entries.code === "ENOTDIR" ? attempt(() => syncFile(folder)) : entries;
  for (const entry of entries.value) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory() && !entry.isFile()) continue;
    const synced = entry.isDirectory() ? await syncTree(path) : await attempt(() => syncFile(path));
    if (synced.tag === "failed" && !isGone(synced)) return synced;
  }
  return attempt(() => NODE_FILE_CALLS.syncFolder(folder));
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isGone(outcome: CallOutcome<unknown>): boolean {
  return outcome.tag === "failed" && GONE.has(outcome.code);
}

function unavailable(failure: { readonly reason: string }): { tag: "unavailable"; reason: string } {
  return { tag: "unavailable", reason: failure.reason };
}
