/**
 * Watches the inbox of a server on this machine: an archive that somebody drops into `inbox/<cluster>/`, or sends by a
 * link, is taken like an upload to a bucket. A file that still grows is left alone until it is still.
 *
 * Guarantees: each version of a file is taken at least once, and what was taken is noted, so that a start takes nothing
 * again; should the note be lost, taking it again changes nothing.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Access } from "../../lib/access/access.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import { bundleUpload } from "../../lib/intake/upload-key.ts";
import type { Deployment } from "../../lib/worker/deployment.ts";
import { type TakenUpload, takeUpload } from "../../lib/worker/take-upload.ts";
import type { InboxFile, InboxFolder } from "./inbox-folder.ts";

const LOOK_EVERY_MS = 1_000;
/** A file that has not changed for so long is complete. */
const STILL_MS = 1_000;
/** Files that are never taken of which the log tells. */
const STRAYS_TOLD_MAX = 1_000;
/** The principal of what was dropped, for `uploaders` of the settings. */
export const FOLDER_PRINCIPAL = "folder";

export interface InboxWatchParts {
  readonly deployment: Deployment;
  readonly access: Access;
  readonly inbox: InboxFolder;
  /** The folder of the server. */
  readonly root: string;
}

export interface InboxWatch {
  readonly stop: () => Promise<void>;
}

export function startInboxWatch(parts: InboxWatchParts): InboxWatch {
  const stopping = new AbortController();
  const running = run(parts, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function run(parts: InboxWatchParts, stopping: AbortSignal): Promise<void> {
  const { clock, log } = parts.deployment;
  const told = new Set<string>();
  while (!stopping.aborted) {
    try {
      await tellStrays(parts, told);
      for (const file of await parts.inbox.list()) {
        if (stopping.aborted) return;
        await look(parts, file);
      }
    } catch (error) {
      log.warn({ event: "inbox.defect", reason: error instanceof Error ? error.message : String(error) });
    }
    await clock.sleep(LOOK_EVERY_MS, stopping);
  }
}

/** Each once: whoever dropped it would else wait for ever. */
async function tellStrays({ inbox, deployment }: InboxWatchParts, told: Set<string>): Promise<void> {
  for (const { path, reason } of await inbox.strays()) {
    if (told.has(path)) continue;
    if (told.size >= STRAYS_TOLD_MAX) return;
    told.add(path);
    deployment.log.warn({ event: "inbox.ignored", path, reason });
  }
}

async function look({ deployment, access, root }: InboxWatchParts, file: InboxFile): Promise<void> {
  const { key, bytes, changed_at_ms } = file;
  if (bundleUpload(key) === null || deployment.clock.nowMs() - changed_at_ms < STILL_MS) return;
  const note = join(
    root,
    "taken",
    createHash("sha256").update(`${key} ${bytes} ${changed_at_ms}`).digest("hex"),
  );
  if (existsSync(note)) return;
  const version = await versionOf(deployment, key, bytes);
  if (version === null) return;
  const event = { key, principal: FOLDER_PRINCIPAL, versions: [version] };
  const taken = await takeUpload(deployment, event, { access });
  deployment.log.info({ event: "inbox.taken", key, came_to: taken.tag, ...factsOf(taken) });
  if (taken.tag === "again") return;
  await mkdir(join(root, "taken"), { recursive: true });
  await writeFile(note, `${key}\n`);
}

/** Where its sender finds what became of it, and why it came to nothing. */
function factsOf(taken: TakenUpload): Readonly<Record<string, string>> {
  switch (taken.tag) {
    case "ordered":
      return { run_id: taken.record.run_id };
    case "refused":
      return { run_id: taken.run_id, reason: messagesOf(taken.diagnostics) };
    case "ignored":
      return { reason: taken.reason };
    case "again":
      return { reason: messagesOf(taken.diagnostics) };
    default:
      return assertNever(taken);
  }
}

function messagesOf(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(({ message }) => message).join(" ");
}

/** An empty text for what is too long to be read: then there is no version that anybody could have sent. */
async function versionOf({ inbox }: Deployment, key: string, bytes: number): Promise<string | null> {
  const read = await inbox.read(key, bytes);
  switch (read.tag) {
    case "found":
      return read.file.version;
    case "too_large":
      return "";
    case "absent":
    case "unavailable":
      return null;
  }
}
