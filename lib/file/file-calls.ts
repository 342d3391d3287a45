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

export interface FilePart {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Another one whenever the content is: which file it is, how long, and when it was written last. */
  readonly stamp: string;
}

export interface FileCalls {
  read(path: string): Promise<Uint8Array>;
  /** A range of the file, fewer bytes where it ends, and what the file is; all of one and the same file. */
  readPart(path: string, from: number, bytes: number): Promise<FilePart>;
  /** Writes at a position of a file that nobody else knows; durable once it is synced. */
  writePart(path: string, at: number, bytes: Uint8Array): Promise<void>;
  syncFile(path: string): Promise<void>;
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

async function readPart(handle: FileHandle, from: number, bytes: number): Promise<FilePart> {
  const { dev, ino, size, mtimeNs } = await handle.stat({ bigint: true });
  const part = Buffer.alloc(Math.max(0, Math.min(bytes, Number(size) - from)));
  let read = 0;
  while (read < part.length) {
    const { bytesRead } = await handle.read(part, read, part.length - read, from + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  const stamp = `${dev}-${ino}-${size}-${mtimeNs}`;
  return { bytes: part.subarray(0, read), size: Number(size), stamp };
}

/** The calls of the machine. */
export const NODE_FILE_CALLS: FileCalls = {
  read: (path) => readFile(path),
  async readPart(path, from, bytes) {
    const handle = await open(path, "r");
    try {
      return await readPart(handle, from, bytes);
    } finally {
      await handle.close();
    }
  },
  async writePart(path, at, bytes) {
    const handle = await open(path, "r+");
    try {
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, at + written);
        written += bytesWritten;
      }
    } finally {
      await handle.close();
    }
  },
  syncFile: async (path) => syncAndClose(await open(path, "r+")),
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
