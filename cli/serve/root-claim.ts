/**
 * RootClaim: one server works on a folder at a time. The folder names the process (`servers/`, a chain of generations of
 * which one process can claim each), and the witness of that process says whether it lives.
 *
 * Guarantees: of several that start at once one gets the folder. A server that was ended at any moment, also by force,
 * stands in nobody's way on its own machine. One on another machine cannot be asked: it is left in place until it has said
 * that it ended, or a person has made sure. What cannot be read is never taken for free.
 */
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";
import { append, generationName, readHead } from "../../lib/file/generation-chain.ts";
import { rootFolder } from "../../lib/file/root-folder.ts";
import { type FileContext, fileContext } from "../../lib/file/staging.ts";
import { type Clock, timestamp } from "../../lib/ports/clock.ts";
import type { Ids } from "../../lib/ports/ids.ts";
import { fileReason } from "../verbs/file-problem.ts";
import { type ClaimRecord, decodeClaim, encodeClaim } from "./claim-record.ts";
import { askWitness, startWitness, type Testimony } from "./witness.ts";

/** How often a start looks again because another one was faster. */
const CLAIM_TRIES_MAX = 16;

export interface ClaimParts {
  /** The folder of the server. */
  readonly root: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The machine; its own name unless a test says otherwise. */
  readonly host?: string;
}

export interface RootClaim {
  /** Tells others who ask where the server listens, once it does. */
  readonly listensAt: (origin: string) => void;
  /** Gives the folder back. */
  readonly release: () => Promise<void>;
}

export type RootClaimed =
  | { readonly tag: "claimed"; readonly claim: RootClaim }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** Where claims lie, and how their files are written. */
interface Place {
  readonly root: string;
  readonly folder: string;
  readonly context: FileContext;
}

export async function claimRoot(parts: ClaimParts): Promise<RootClaimed> {
  const { ids, clock, host = hostname() } = parts;
  const place = placeOf(parts.root);
  const made = makeRoot(place.root);
  if (made !== null) return unusable(place.root, made);
  const claim_id = ids.next();
  let origin = "";
  const started = await startWitness(claim_id, () => origin);
  if (started.tag === "failed") return unusable(place.root, started.reason);
  const { witness } = started;
  const record: ClaimRecord = {
    ...{ format_version: 1, claim_id, host, pid: process.pid },
    ...{ witness_port: witness.port, since: timestamp(clock), ended_at: null },
  };
  const taken = await take(place, record);
  if (taken.tag === "refused") {
    await witness.close();
    return taken;
  }
  const release = async () => {
    await append(place.context, place.folder, taken.generation + 1, encodeClaim(ended(record, clock)));
    await witness.close();
  };
  const listensAt = (at: string) => {
    origin = at;
  };
  return { tag: "claimed", claim: { listensAt, release } };
}

function placeOf(folder: string): Place {
  const root = resolve(folder);
  const context = fileContext(rootFolder(join(root, "records")), NODE_FILE_CALLS);
  return { root, folder: join(root, "servers"), context };
}

/** For nobody but its user, where there is none; why not, if it cannot be made. */
function makeRoot(root: string): string | null {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 });
    return null;
  } catch (error) {
    return fileReason(error);
  }
}

function ended(record: ClaimRecord, clock: Clock): ClaimRecord {
  return { ...record, ended_at: timestamp(clock) };
}

type Taken =
  | { readonly tag: "taken"; readonly generation: number }
  | Extract<RootClaimed, { readonly tag: "refused" }>;

async function take({ root, folder, context }: Place, record: ClaimRecord): Promise<Taken> {
  let reason = "other servers start in it at the same time";
  for (let tries = 0; tries < CLAIM_TRIES_MAX; tries += 1) {
    const head = await readHead(context, folder);
    if (head.tag === "unavailable") return unusable(root, head.reason);
    const generation = head.tag === "head" ? head.generation : 0;
    const before = head.tag === "head" ? decodeClaim(head.bytes) : undefined;
    if (before === null) return unusable(root, damaged(folder, generation));
    // The answer of an earlier try was lost.
    if (before?.claim_id === record.claim_id) return { tag: "taken", generation };
    const busy = before === undefined ? null : await busyWith(before, record.host);
    if (busy !== null) return inUse(root, join(folder, generationName(generation)), busy);
    const claimed = await append(context, folder, generation + 1, encodeClaim(record));
    if (claimed.tag === "claimed") return { tag: "taken", generation: generation + 1 };
    if (claimed.tag === "unavailable") return unusable(root, claimed.reason);
    if (claimed.tag === "ambiguous") reason = claimed.reason;
  }
  return unusable(root, reason);
}

interface Busy {
  readonly record: ClaimRecord;
  readonly testimony: Testimony;
}

/** Null: that server has ended, or died. */
async function busyWith(record: ClaimRecord, host: string): Promise<Busy | null> {
  if (record.ended_at !== null) return null;
  const testimony = await askWitness(record.witness_port, record.claim_id);
  if (testimony.tag === "lives" || record.host !== host) return { record, testimony };
  return testimony.tag === "silent" && isProcess(record.pid) ? { record, testimony } : null;
}

/** A process that may not be signalled is one. */
function isProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function inUse(root: string, file: string, { record, testimony }: Busy): Taken {
  const { pid, host, since } = record;
  const who = `the process ${pid} on ${host}, since ${since}`;
  if (testimony.tag === "gone") {
    const message = `A server works on ${root}, or died there: ${who}. This machine cannot ask it.`;
    const fix = `Stop that server. If it does not run any more, remove ${file} and start again.`;
    return refused(diagnostic("serve_root_taken", { path: root, message, fix }));
  }
  const where =
    testimony.tag === "silent" || testimony.says === "" ? "" : ` It listens at ${testimony.says}.`;
  const message = `A server works on ${root} already: ${who}.${where}`;
  return refused(diagnostic("serve_root_taken", { path: root, message }));
}

function damaged(folder: string, generation: number): string {
  const file = join(folder, generationName(generation));
  return `${file} does not say which server works there; if none does, remove it`;
}

function unusable(root: string, reason: string): Extract<RootClaimed, { readonly tag: "refused" }> {
  const message = `The folder ${root} cannot be used: ${reason}.`;
  return refused(diagnostic("serve_root_unusable", { path: root, message }));
}

function refused(problem: Diagnostic): Extract<RootClaimed, { readonly tag: "refused" }> {
  return { tag: "refused", diagnostics: [problem] };
}
