/**
 * FileCalls: the only system calls that the file adapter makes, as a dependency that is handed in. Tests hand in
 * calls that stop before the n-th one, which is how every pause point of the protocols is enumerated.
 *
 * Guarantees: a call does one thing that other processes can see, or none. `writeNew` writes to a name that nobody
 * else knows and syncs the content before it returns, so it counts as one step.
 */
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  unlink,
} from "node:fs/promises";
import { dirname } from "node:path";

export interface FolderEntry {
  readonly name: string;
  readonly folder: boolean;
}

export interface FileCalls {
  read(path: string): Promise<Uint8Array>;
  /** Creates the file, which must not exist, with synced content. */
  writeNew(path: string, bytes: Uint8Array): Promise<void>;
  link(existing: string, created: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  entries(path: string): Promise<readonly FolderEntry[]>;
  /** Creates the folder and its parents, and syncs the folders that got new entries. */
  makeFolder(path: string): Promise<void>;
  /** Makes what was linked, renamed or removed in the folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Number of names of a file. */
  linkCount(path: string): Promise<number>;
  /** Bytes of the file; null for a link, which is not followed, and for what is no file. */
  fileSize(path: string): Promise<number | null>;
}

/** Errors that some systems give because they cannot sync folders at all; there is nothing more to do then. */
const SYNC_NOT_OFFERED = new Set(["EINVAL", "EISDIR", "EPERM", "ENOTSUP"]);

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncFolder(path: string): Promise<void> {
  return open(path, "r")
    .then(syncAndClose)
    .catch((error) => (SYNC_NOT_OFFERED.has(errorCode(error)) ? undefined : Promise.reject(error)));
}

/**
 * One folder after the other: Node's own recursive way never ends where the system answers ENOENT to every attempt, as
 * /proc does.
 */
async function makeFolder(path: string): Promise<void> {
  if ((await makeOneFolder(path)) === "made") return;
  await makeFolder(dirname(path));
  if ((await makeOneFolder(path)) === "made") return;
  const error = new Error(`ENOENT: no folder can be made here, mkdir '${path}'`);
  return Promise.reject(Object.assign(error, { code: "ENOENT" }));
}

async function makeOneFolder(path: string): Promise<"made" | "parent_missing"> {
  const failure = await mkdir(path).then(
    () => null,
    (error: unknown) => ({ error, code: errorCode(error) }),
  );
  if (failure === null) await syncFolder(dirname(path));
  if (failure === null || failure.code === "EEXIST") return "made";
  return failure.code === "ENOENT" && dirname(path) !== path
    ? "parent_missing"
    : Promise.reject(failure.error);
}

/** The calls of the machine. */
export const NODE_FILE_CALLS: FileCalls = {
  read: (path) => readFile(path),
  async writeNew(path, bytes) {
    const handle = await open(path, "wx");
    try {
      await handle.writeFile(bytes);
    } finally {
      await syncAndClose(handle);
    }
  },
  link,
  rename,
  unlink,
  async entries(path) {
    const found = await readdir(path, { withFileTypes: true });
    return found.map((entry) => ({ name: entry.name, folder: entry.isDirectory() }));
  },
  makeFolder,
  syncFolder,
  linkCount: async (path) => (await lstat(path)).nlink,
  async fileSize(path) {
    const found = await lstat(path);
    return found.isFile() ? found.size : null;
  },
};

/** The system's name of an error (`ENOENT`), or its text. */
export function errorCode(error: unknown): string {
  if (error instanceof Error) {
    const code: unknown = Reflect.get(error, "code");
    return typeof code === "string" ? code : error.message;
  }
  return String(error);
}

export type CallOutcome<Value> =
  | { readonly tag: "ok"; readonly value: Value }
  | { readonly tag: "failed"; readonly code: string; readonly reason: string };

/** Runs one call and turns what it throws into a value. The only `catch` around file calls. */
export async function attempt<Value>(call: () => Promise<Value>): Promise<CallOutcome<Value>> {
  try {
    return { tag: "ok", value: await call() };
  } catch (error) {
    const code = errorCode(error);
    return { tag: "failed", code, reason: error instanceof Error ? error.message : code };
  }
}
