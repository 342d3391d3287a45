/**
 * Staging: complete, synced bytes under a name that nobody else knows, ready to be linked or renamed into place. So
 * nothing that another process can see is ever half written.
 *
 * A crash may leave a staged file behind. It is inert: no name refers to it. The first write of a client removes those
 * that are older than STAGED_MS_MAX; should their process only have been stopped, its link or rename then finds
 * nothing and is known not to have happened.
 */
import { join } from "node:path";
import { decodeTime, ulid } from "ulid";
import { isUlid } from "../digest/ids.ts";
import { attempt, type CallOutcome, type FileCalls } from "./file-calls.ts";
import { STAGED_MS_MAX } from "./limits.ts";
import { internalPath, type RootFolder } from "./root-folder.ts";

/** What every part of the adapter works with. */
export interface FileContext {
  readonly root: RootFolder;
  readonly calls: FileCalls;
  /** Whether this client has looked for leftovers of crashed ones. */
  readonly leftovers: { removed: boolean };
}

/** What a client of the folder `root` works with. */
export function fileContext(root: RootFolder, calls: FileCalls): FileContext {
  return { root, calls, leftovers: { removed: false } };
}

/** Staged files are named by process and ULID; the ULID tells their age. */
function isLeftover(name: string): boolean {
  const id = name.split("-").at(-1) ?? "";
  return isUlid(id) && decodeTime(id) < Date.now() - STAGED_MS_MAX;
}

async function removeLeftovers(context: FileContext, folder: string): Promise<void> {
  if (context.leftovers.removed) return;
  context.leftovers.removed = true;
  const found = await attempt(() => context.calls.entries(folder));
  if (found.tag === "failed") return;
  for (const { name } of found.value.filter((entry) => isLeftover(entry.name))) {
    await unstage(context, join(folder, name));
  }
}

/**
 * Writes `bytes` to a new file on the root's file system and answers its path. What a full disk let it write of the
 * file is removed again, so that trying again does not fill the disk further.
 */
export async function stage(context: FileContext, bytes: Uint8Array): Promise<CallOutcome<string>> {
  const folder = internalPath(context.root, "staging");
  const path = join(folder, `${process.pid}-${ulid()}`);
  const written = await attempt(async () => {
    await context.calls.makeFolder(folder);
    await removeLeftovers(context, folder);
    await context.calls.writeNew(path, bytes);
    return path;
  });
  if (written.tag === "failed") await unstage(context, path);
  return written;
}

/** Removes a staged file that has done its work; a leftover is inert, so the outcome does not matter. */
export async function unstage(context: FileContext, path: string): Promise<void> {
  await attempt(() => context.calls.unlink(path));
}
