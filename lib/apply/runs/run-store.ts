/**
 * Run records in the store (design 7): `__graphform/runs/<run id>.json`, never deleted, and for each run that has not
 * ended a mark `__graphform/open-runs/<run id>.json`, so that finding what is left to do does not mean to read every
 * run that ever was. The mark is put before the record and removed after its end: a mark may be too many, never too
 * few.
 *
 * Every change of a record is one conditional replacement of the version that was read. Own writes are recognised by
 * the `change_id` in what is there, never by comparing content (design 4.5).
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../../digest/assert.ts";
import { isUlid, type RunId } from "../../digest/ids.ts";
import {
  moveOnce,
  type PutOnce,
  putOnce,
  readObjectRetrying,
  retryRead,
  type StorePorts,
} from "../../ledger/retry.ts";
import { type StoreKey, storeKey, type Version } from "../../ports/object-store.ts";
import { OPEN_RUNS_MAX, RUNS_MAX } from "../limits.ts";
import { listAll } from "../list-all.ts";
import { inWaves } from "../wave.ts";
import { decodeRunRecord, encodeRunRecord, type RunRecord } from "./run-record.ts";

const RUNS_PREFIX = "__graphform/runs/";
const OPEN_RUNS_PREFIX = "__graphform/open-runs/";

/** Where a run has its record, for diagnostics. */
export function runKey(id: RunId): StoreKey {
  return storeKey(`${RUNS_PREFIX}${id}.json`);
}

function openKey(id: RunId): StoreKey {
  return storeKey(`${OPEN_RUNS_PREFIX}${id}.json`);
}

function idIn(key: string, prefix: string): RunId | null {
  const id = key.slice(prefix.length, -".json".length);
  return key === `${prefix}${id}.json` && isUlid(id) ? (id as RunId) : null;
}

/** A record as it is in the store now. */
export interface StoredRun {
  readonly record: RunRecord;
  readonly version: Version;
}

export type RunRead =
  | { readonly tag: "found"; readonly stored: StoredRun }
  | { readonly tag: "absent" }
  | { readonly tag: "invalid"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The record of one run. */
export async function readRun(ports: StorePorts, id: RunId): Promise<RunRead> {
  const read = await readObjectRetrying(ports, runKey(id));
  return read.tag === "found" ? decodeStored(id, read.bytes, read.version) : read;
}

function decodeStored(
  id: RunId,
  bytes: Uint8Array,
  version: Version,
): Extract<RunRead, { tag: "found" | "invalid" }> {
  const decoded = decodeRunRecord(bytes);
  if (decoded.tag === "invalid") return decoded;
  const { record } = decoded;
  if (record.run_id !== id) return { tag: "invalid", detail: `it is the record of ${record.run_id}` };
  return { tag: "found", stored: { record, version } };
}

/** `refused`: it is not stored and never will be. `unknown`: it may be stored, now or later. */
export type RunOpened =
  | { readonly tag: "opened"; readonly stored: StoredRun }
  | { readonly tag: "refused"; readonly reason: string }
  | { readonly tag: "unknown"; readonly reason: string };

/** Stores the first version of a record, its mark before it. */
export async function openRun(ports: StorePorts, record: RunRecord): Promise<RunOpened> {
  assert(record.state !== "ended", "a run that has ended is not opened");
  const mark = await putOnce(ports, openKey(record.run_id), encodeMark(record.run_id));
  if (mark.tag !== "present") return { tag: "refused", reason: notPutText(mark) };
  const put = await putOnce(ports, runKey(record.run_id), encodeRunRecord(record));
  switch (put.tag) {
    case "present":
      return { tag: "opened", stored: { record, version: put.version } };
    case "ambiguous":
      return { tag: "unknown", reason: put.reason };
    case "other":
    case "unavailable":
      return { tag: "refused", reason: notPutText(put) };
    default:
      return assertNever(put);
  }
}

function encodeMark(run_id: RunId): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format_version: 1, run_id }, null, 2)}\n`, "utf8");
}

function notPutText(put: Exclude<PutOnce, { tag: "present" }>): string {
  return put.tag === "other" ? "something else is stored under its id" : put.reason;
}

/**
 * `refused`: the record is not what the move wanted it to be, because another process works on the run; this move will
 * never come about. `unknown`: it may have happened or may still happen.
 */
export type RunMove =
  | { readonly tag: "moved"; readonly stored: StoredRun }
  | { readonly tag: "refused" }
  | { readonly tag: "unknown"; readonly reason: string };

/** Replaces one version of a record by the next. Conflicts and lost answers repeat it with identical bytes. */
export async function moveRun(ports: StorePorts, from: StoredRun, to: RunRecord): Promise<RunMove> {
  assert(from.record.run_id === to.run_id, "a record is moved to its own next version");
  assert(from.record.change_id !== to.change_id, "each version of a record has an id of its own");
  const isOurs = (bytes: Uint8Array): boolean => {
    const decoded = decodeRunRecord(bytes);
    return decoded.tag === "decoded" && decoded.record.change_id === to.change_id;
  };
  const move = { key: runKey(to.run_id), from: from.version, bytes: encodeRunRecord(to), isOurs };
  const moved = await moveOnce(ports, move);
  switch (moved.tag) {
    case "moved":
      return { tag: "moved", stored: { record: to, version: moved.stored.version } };
    case "refused":
      return { tag: "refused" };
    case "unknown":
      return moved;
    default:
      return assertNever(moved);
  }
}

/**
 * Removes the marks of runs that have ended, also of those whose process died before it could. Best effort: one that
 * stays only costs a look. A mark without a record stays: its record may be on its way.
 */
export async function closeEndedRuns(ports: StorePorts): Promise<void> {
  const listing = await listAll(ports.store, OPEN_RUNS_PREFIX, OPEN_RUNS_MAX, true);
  if (listing.tag === "unavailable") return;
  const ids = listing.keys.flatMap((key) => idIn(key, OPEN_RUNS_PREFIX) ?? []);
  const reads = await inWaves(ids, (id) => readRun(ports, id));
  const ended = ids.filter((_, index) => isEnded(reads[index]!));
  await inWaves(ended, (id) => closeRun(ports, id));
}

function isEnded(read: RunRead): boolean {
  return read.tag === "found" && read.stored.record.state === "ended";
}

/** Removes the mark of one run that has ended. Best effort. */
export async function closeRun(ports: StorePorts, id: RunId): Promise<void> {
  const key = openKey(id);
  const mark = await ports.store.get(key);
  if (mark.tag === "found") await ports.store.remove(key, mark.version);
}

export type RunListing =
  | {
      readonly tag: "listed";
      readonly records: readonly RunRecord[];
      /** One warning for each record that cannot be read. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The runs that have not ended, oldest first. */
export async function listOpenRuns(ports: StorePorts): Promise<RunListing> {
  const listing = await retryRead(ports.clock, () =>
    listAll(ports.store, OPEN_RUNS_PREFIX, OPEN_RUNS_MAX, true),
  );
  if (listing.tag === "unavailable") return listing;
  const runs = await readRuns(
    ports,
    listing.keys.map((key) => idIn(key, OPEN_RUNS_PREFIX)),
  );
  if (runs.tag === "unavailable") return runs;
  return { ...runs, records: runs.records.filter((each) => each.state !== "ended") };
}

/** The newest `count` runs, oldest first. */
export async function listRuns(ports: StorePorts, count: number): Promise<RunListing> {
  const listing = await retryRead(ports.clock, () => listAll(ports.store, RUNS_PREFIX, RUNS_MAX, true));
  if (listing.tag === "unavailable") return listing;
  return readRuns(
    ports,
    listing.keys.slice(-count).map((key) => idIn(key, RUNS_PREFIX)),
  );
}

export type RunPage =
  | {
      readonly tag: "page";
      /** Newest first. */
      readonly records: readonly RunRecord[];
      /** Where the next page begins; null: there is none. */
      readonly next: RunId | null;
      /** One warning for each record that cannot be read. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "unavailable"; readonly reason: string };

/** At most `count` runs, the newest of those made before `before`; null: of all. */
export async function pageOfRuns(ports: StorePorts, count: number, before: RunId | null): Promise<RunPage> {
  const listing = await retryRead(ports.clock, () => listAll(ports.store, RUNS_PREFIX, RUNS_MAX, true));
  if (listing.tag === "unavailable") return listing;
  const ids = listing.keys.flatMap((key) => idIn(key, RUNS_PREFIX) ?? []);
  const older = before === null ? ids : ids.filter((id) => id < before);
  const page = older.slice(-count);
  const runs = await readRuns(ports, page);
  if (runs.tag === "unavailable") return runs;
  const next = older.length > page.length ? (page[0] ?? null) : null;
  return { tag: "page", records: runs.records.toReversed(), next, diagnostics: runs.diagnostics };
}

async function readRuns(ports: StorePorts, ids: readonly (RunId | null)[]): Promise<RunListing> {
  const known = ids.filter((id) => id !== null);
  const reads = await inWaves(known, (id) => readRun(ports, id));
  const records: RunRecord[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, read] of reads.entries()) {
    switch (read.tag) {
      case "found":
        records.push(read.stored.record);
        break;
      case "absent":
        // A mark whose process died before it put the record: nothing was begun.
        break;
      case "invalid":
        diagnostics.push(invalidRun(known[index]!, read.detail));
        break;
      case "unavailable":
        return read;
      default:
        assertNever(read);
    }
  }
  return { tag: "listed", records, diagnostics };
}

/** What is wrong with a record. */
export function invalidRun(id: RunId, detail: string): Diagnostic {
  const path = runKey(id);
  return diagnostic("run_record_invalid", {
    path,
    message: `The run record ${path} cannot be read: ${detail}.`,
  });
}
