/**
 * ForceUnlock: ending a holding by force, by its exact id (spec/cluster 6, reliability 5.8).
 *
 * Who did it and why is recorded first, below `__graphform/unlocks/`. Then the lease is broken if it is the one that
 * the id names, which raises the fencing token, and `lock.json` is removed on its version if it has the id. Any other
 * id changes nothing. The former holder may still run; its commits are refused, its open intents are settled by the
 * next sweep (K3, K4).
 */
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { LockId } from "../digest/ids.ts";
import { timestamp } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { LeaseHolder, LeaseTable } from "../ports/lease-table.ts";
import type { Version } from "../ports/object-store.ts";
import { LOCK_FILE_KEY, unlockRecordKey } from "./keys.ts";
import { ATTEMPTS_MAX } from "./limits.ts";
import { decodeLockFile, type LockFile, lockFileProblem } from "./lock-file.ts";
import { recordTextProblems } from "./record-text.ts";
import { pauseBefore, putOnce, readObjectRetrying, retryRead, type StorePorts } from "./retry.ts";

export const UNLOCK_FORMAT_VERSION = 1;

export interface UnlockPorts extends StorePorts {
  readonly lease: LeaseTable;
  readonly ids: Ids;
}

export interface UnlockRequest {
  /** Exactly as `status` or the refusal shows it. */
  readonly lock_id: string;
  readonly actor: string | null;
  readonly reason: string | null;
}

export interface UnlockResult {
  readonly ok: boolean;
  /** `lock.json` was removed. */
  readonly lock_removed: boolean;
  /** The lease was broken. */
  readonly lease_broken: boolean;
  /** The lock file that was found, removed or not. */
  readonly lock: LockFile | null;
  readonly holder: LeaseHolder;
  readonly diagnostics: readonly Diagnostic[];
}

interface Findings {
  readonly lock: LockFile | null;
  readonly version: Version | null;
  readonly holder: LeaseHolder;
  readonly diagnostics: readonly Diagnostic[];
}

/** Ends the holding `lock_id`. */
export async function forceUnlock(ports: UnlockPorts, request: UnlockRequest): Promise<UnlockResult> {
  const found = await look(ports);
  const { lock, holder } = found;
  const result = (
    diagnostics: readonly Diagnostic[],
    lockRemoved = false,
    leaseBroken = false,
  ): UnlockResult => ({
    ok: !hasErrors(diagnostics),
    lock_removed: lockRemoved,
    lease_broken: leaseBroken,
    lock,
    holder,
    diagnostics,
  });
  const heldById = holder?.lock_id === request.lock_id;
  const fileById = lock?.lock_id === request.lock_id;
  if (!heldById && !fileById) {
    return result(found.diagnostics.length > 0 ? found.diagnostics : [refusal(request.lock_id, found)]);
  }
  const unwritable = recordTextProblems(request.actor, request.reason);
  if (unwritable.length > 0) return result(unwritable);
  const recorded = await record(ports, request, found);
  if (recorded !== null) return result([recorded]);
  const broken = heldById ? await breakLease(ports, request.lock_id as LockId) : null;
  const removed = fileById && found.version !== null ? await removeFile(ports, found.version) : null;
  const problems = [broken, removed].flatMap((each) => (each === null || each === "done" ? [] : [each]));
  return result(problems, removed === "done", broken === "done");
}

async function look(ports: UnlockPorts): Promise<Findings> {
  const [file, lease] = await Promise.all([
    readObjectRetrying(ports, LOCK_FILE_KEY),
    retryRead(ports.clock, () => ports.lease.read()),
  ]);
  const diagnostics: Diagnostic[] = [];
  if (file.tag === "unavailable") diagnostics.push(unreadable("lock file", file.reason));
  if (lease.tag === "unavailable") diagnostics.push(unreadable("lease", lease.reason));
  const decoded = file.tag === "found" ? decodeLockFile(file.bytes) : null;
  if (decoded !== null && decoded.tag !== "lock") diagnostics.push(lockFileProblem(decoded, "error"));
  return {
    lock: decoded?.tag === "lock" ? decoded.lock : null,
    version: file.tag === "found" ? file.version : null,
    holder: lease.tag === "read" ? lease.holder : null,
    diagnostics,
  };
}

function unreadable(what: string, reason: string): Diagnostic {
  const message = `The ${what} could not be read: ${reason}.`;
  return diagnostic("state_lock_read_error", { path: LOCK_FILE_KEY, message });
}

function refusal(lockId: string, { lock, holder }: Findings): Diagnostic {
  const present = lock?.lock_id ?? holder?.lock_id;
  if (present === undefined) {
    return diagnostic("state_lock_missing", { path: LOCK_FILE_KEY, message: "There is no lock to remove." });
  }
  return diagnostic("state_lock_id_mismatch", {
    path: LOCK_FILE_KEY,
    message: `The lock has the id ${present}, not ${lockId}.`,
  });
}

async function record(
  ports: UnlockPorts,
  request: UnlockRequest,
  { lock, holder }: Findings,
): Promise<Diagnostic | null> {
  const document = {
    format_version: UNLOCK_FORMAT_VERSION,
    lock_id: request.lock_id,
    actor: request.actor,
    reason: request.reason,
    at: timestamp(ports.clock),
    lease: holder?.lock_id === request.lock_id ? holder : null,
    lock_file: lock?.lock_id === request.lock_id ? lock : null,
  };
  const bytes = Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
  const put = await putOnce(ports, unlockRecordKey(ports.ids.next()), bytes);
  if (put.tag === "present") return null;
  return lockError(put.tag === "other" ? "its record's name is taken" : put.reason);
}

function lockError(reason: string): Diagnostic {
  const message = `The lock could not be removed: ${reason}.`;
  return diagnostic("state_lock_error", { path: LOCK_FILE_KEY, message });
}

async function breakLease(ports: UnlockPorts, lockId: LockId): Promise<"done" | Diagnostic> {
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.lease.break(lockId);
    // A refusal means that the holding has just ended by itself, which is what was asked for.
    if (outcome.tag === "done" || outcome.tag === "refused") return "done";
    reason = outcome.tag === "conflict" ? "the lease table decided nothing" : outcome.reason;
  }
  return lockError(reason);
}

async function removeFile(ports: UnlockPorts, version: Version): Promise<"done" | Diagnostic> {
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.store.remove(LOCK_FILE_KEY, version);
    if (outcome.tag === "done" || outcome.tag === "refused") return "done";
    reason = outcome.tag === "conflict" ? "the store decided nothing" : outcome.reason;
  }
  return lockError(reason);
}
