/**
 * Graph folder: the plain file operations below one storage root that the engine's tables need beside Lance
 * (lib/engine/lance/graph-storage): list folders, remove trees, make trees durable.
 *
 * Guarantees: no call reaches outside the root, none follows a symbolic link, none throws for what a file system can
 * do. Removing is idempotent. `makeDurable` syncs files before the folders that name them, so that after a loss of
 * power an entry never points at missing bytes.
 */
import type { Dirent } from "node:fs";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../digest/assert.ts";

/** A writer that does not yet know that it is dead may add a file while its folder is being removed. */
const REMOVE_TRIES_MAX = 3;
const REMOVE_RETRY_MS = 20;

type FolderOutcome<T> =
  | { readonly tag: "ok"; readonly value: T }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface GraphFolder {
  listFolders(prefix: string): Promise<FolderOutcome<readonly string[]>>;
  removeTree(prefix: string): Promise<FolderOutcome<null>>;
  makeDurable(prefix: string): Promise<FolderOutcome<null>>;
}

/** The graph folder below `root`, an absolute path. */
export function createGraphFolder(root: string): GraphFolder {
  return {
    listFolders: (prefix) => answer(() => listFolders(locate(root, prefix))),
    removeTree: (prefix) => answer(() => removeTree(root, prefix)),
    makeDurable: (prefix) => answer(() => makeDurable(root, prefix)),
  };
}

async function listFolders(folder: string): Promise<readonly string[]> {
  const entries = await entriesOf(folder);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

async function removeTree(root: string, prefix: string): Promise<null> {
  await rm(locate(root, prefix), {
    recursive: true,
    force: true,
    maxRetries: REMOVE_TRIES_MAX,
    retryDelay: REMOVE_RETRY_MS,
  });
  await unlessGone(() => syncFolder(join(root, ...partsOf(prefix).slice(0, -1))));
  return null;
}

async function makeDurable(root: string, prefix: string): Promise<null> {
  await syncTree(locate(root, prefix));
  const parts = partsOf(prefix);
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    await syncFolder(join(root, ...parts.slice(0, depth)));
  }
  return null;
}

/**
 * Files first, then folders, then the folder itself. Other writers work in the same folders: what has gone since the
 * folder was read was theirs, a temporary name or a branch that was dropped.
 */
async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await unlessGone(() => syncTree(path));
    else if (entry.isFile()) await unlessGone(async () => syncHandle(await open(path, "r+")));
  }
  await syncFolder(folder);
}

async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  await syncHandle(await open(folder, "r"));
}

async function syncHandle(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A missing folder is an empty one. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function locate(root: string, prefix: string): string {
  return join(root, ...partsOf(prefix));
}

function partsOf(prefix: string): readonly string[] {
  const parts = prefix.replace(/\/$/, "").split("/");
  const legal = parts.every((part) => part !== "" && part !== "." && part !== "..");
  assert(legal, `the key '${prefix}' has no empty, '.' or '..' part`);
  return parts;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

async function answer<T>(work: () => Promise<T>): Promise<FolderOutcome<T>> {
  try {
    return { tag: "ok", value: await work() };
  } catch (error) {
    return { tag: "unavailable", reason: error instanceof Error ? error.message : String(error) };
  }
}
