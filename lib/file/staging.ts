/**
 * Staging: complete, synced bytes under a name that nobody else knows, ready to be linked or renamed into place. So
 * nothing that another process can see is ever half written.
 *
 * A crash may leave a staged file behind. It is inert: no name refers to it.
 */
import { join } from "node:path";
import { ulid } from "ulid";
import { attempt, type CallOutcome, type FileCalls } from "./file-calls.ts";
import { internalPath, type RootFolder } from "./root-folder.ts";

/** What every part of the adapter works with. */
export interface FileContext {
  readonly root: RootFolder;
  readonly calls: FileCalls;
}

/** Writes `bytes` to a new file on the root's file system and answers its path. */
export function stage(context: FileContext, bytes: Uint8Array): Promise<CallOutcome<string>> {
  return attempt(async () => {
    const folder = internalPath(context.root, "staging");
    await context.calls.makeFolder(folder);
    const path = join(folder, `${process.pid}-${ulid()}`);
    await context.calls.writeNew(path, bytes);
    return path;
  });
}

/** Removes a staged file that has done its work; a leftover is inert, so the outcome does not matter. */
export async function unstage(context: FileContext, path: string): Promise<void> {
  await attempt(() => context.calls.unlink(path));
}
