/**
 * Blocked: no run of the cluster goes on until somebody has looked (reliability 3.3). A message that no worker could
 * finish marks the cluster, with which and why; a person ends it, with who and why.
 *
 * `__graphform/blocked.json` is never removed: each version replaces the one that was read, and carries an id of its
 * own. Blocking twice is blocking once; the first reason stays.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import { isUlid } from "../../digest/ids.ts";
import { parseJsonBytes } from "../../ledger/json-text.ts";
import { moveOnce, putOnce, readObjectRetrying, type StorePorts } from "../../ledger/retry.ts";
import { timestamp } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import { storeKey, type Version } from "../../ports/object-store.ts";

export const BLOCKED_FORMAT_VERSION = 1;
const KEY = storeKey("__graphform/blocked.json");

export interface BlockedNote {
  readonly by: string;
  readonly reason: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

export interface BlockedRecord {
  readonly format_version: typeof BLOCKED_FORMAT_VERSION;
  readonly blocked: BlockedNote;
  /** Null while the cluster is blocked. */
  readonly unblocked: BlockedNote | null;
  /** ULID of the write that made this version. */
  readonly change_id: string;
}

const note = z.strictObject({ by: z.string(), reason: z.string(), at: z.iso.datetime() });
const shape = z.strictObject({
  format_version: z.literal(BLOCKED_FORMAT_VERSION),
  blocked: note,
  unblocked: note.nullable(),
  change_id: z.string().refine(isUlid, "is not a ULID"),
});

export function encodeBlocked(record: BlockedRecord): Uint8Array {
  const { format_version, blocked, unblocked, change_id } = record;
  const document = { format_version, blocked: noteOf(blocked), unblocked: noteOf(unblocked), change_id };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

function noteOf(value: BlockedNote | null): BlockedNote | null {
  return value === null ? null : { by: value.by, reason: value.reason, at: value.at };
}

export type BlockedDecoding =
  | { readonly tag: "decoded"; readonly record: BlockedRecord }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeBlocked(bytes: Uint8Array): BlockedDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "decoded", record: parsed.data };
  const issue = parsed.error.issues[0];
  return { tag: "invalid", detail: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
}

export type BlockedPorts = StorePorts & { readonly ids: Ids };

interface StoredBlocked {
  readonly record: BlockedRecord;
  readonly version: Version;
}

type BlockedRead =
  | ({ readonly tag: "found" } & StoredBlocked)
  | { readonly tag: "absent" }
  | { readonly tag: "invalid" | "unavailable"; readonly reason: string };

async function readRecord(ports: StorePorts): Promise<BlockedRead> {
  const read = await readObjectRetrying(ports, KEY);
  if (read.tag !== "found") return read;
  const decoded = decodeBlocked(read.bytes);
  if (decoded.tag === "invalid") return { tag: "invalid", reason: decoded.detail };
  return { tag: "found", record: decoded.record, version: read.version };
}

/** Why nothing may run; empty if the cluster is not blocked. What cannot be read blocks too. */
export async function blockedDiagnostics(ports: StorePorts): Promise<readonly Diagnostic[]> {
  const read = await readRecord(ports);
  switch (read.tag) {
    case "absent":
      return [];
    case "found":
      return read.record.unblocked === null ? [isBlocked(read.record.blocked)] : [];
    case "invalid":
    case "unavailable":
      return [unread(read)];
    default:
      return assertNever(read);
  }
}

function isBlocked({ by, reason, at }: BlockedNote): Diagnostic {
  const message = `The cluster is blocked since ${at}, by ${by}: ${reason}`;
  return diagnostic("cluster_blocked", { path: KEY, message });
}

/** A store that did not answer may do so the next time; a record that cannot be understood stays as it is. */
function unread({ tag, reason }: Extract<BlockedRead, { readonly reason: string }>): Diagnostic {
  const message = `It is not known whether the cluster is blocked: ${reason}.`;
  const rule = tag === "unavailable" ? "run_record_read_error" : undefined;
  return diagnostic("cluster_blocked_unreadable", { path: KEY, message, rule });
}

/** `changed`: this call did it; false: it was so before. */
export type BlockedChange =
  | { readonly tag: "done"; readonly changed: boolean; readonly record: BlockedRecord }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function blockCluster(
  ports: BlockedPorts,
  note: Omit<BlockedNote, "at">,
): Promise<BlockedChange> {
  const read = await readRecord(ports);
  const blocked = { by: note.by, reason: note.reason, at: timestamp(ports.clock) };
  const format_version = BLOCKED_FORMAT_VERSION;
  const record = { format_version, blocked, unblocked: null, change_id: ports.ids.next() } as const;
  switch (read.tag) {
    case "absent": {
      const put = await putOnce(ports, KEY, encodeBlocked(record));
      if (put.tag === "present") return { tag: "done", changed: true, record };
      return { tag: "refused", diagnostics: [unwritten(put.tag === "other" ? OVERTAKEN : put.reason)] };
    }
    case "found":
      if (read.record.unblocked === null) return { tag: "done", changed: false, record: read.record };
      return move(ports, read, record);
    case "invalid":
    case "unavailable":
      return { tag: "refused", diagnostics: [unread(read)] };
    default:
      return assertNever(read);
  }
}

export async function unblockCluster(
  ports: BlockedPorts,
  note: Omit<BlockedNote, "at">,
): Promise<BlockedChange> {
  const read = await readRecord(ports);
  switch (read.tag) {
    case "absent": {
      const message = "The cluster has never been blocked.";
      return { tag: "refused", diagnostics: [diagnostic("cluster_not_blocked", { path: KEY, message })] };
    }
    case "found": {
      if (read.record.unblocked !== null) return { tag: "done", changed: false, record: read.record };
      const unblocked = { by: note.by, reason: note.reason, at: timestamp(ports.clock) };
      return move(ports, read, { ...read.record, unblocked, change_id: ports.ids.next() });
    }
    case "invalid":
    case "unavailable":
      return { tag: "refused", diagnostics: [unread(read)] };
    default:
      return assertNever(read);
  }
}

const OVERTAKEN = "somebody else has changed it at the same time";

async function move(ports: BlockedPorts, from: StoredBlocked, record: BlockedRecord): Promise<BlockedChange> {
  const isOurs = (bytes: Uint8Array) => {
    const decoded = decodeBlocked(bytes);
    return decoded.tag === "decoded" && decoded.record.change_id === record.change_id;
  };
  const moved = await moveOnce(ports, { key: KEY, from: from.version, bytes: encodeBlocked(record), isOurs });
  if (moved.tag === "moved") return { tag: "done", changed: true, record };
  const reason = moved.tag === "refused" ? OVERTAKEN : moved.reason;
  return { tag: "refused", diagnostics: [unwritten(reason)] };
}

function unwritten(reason: string): Diagnostic {
  const message = `The record that blocks the cluster could not be written: ${reason}.`;
  return diagnostic("cluster_blocked_write_error", { path: KEY, message });
}
