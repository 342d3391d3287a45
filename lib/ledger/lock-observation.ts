/**
 * LockObservation: what status and plan say about the lock, without taking it (spec/cluster 6, 11.1; design 4.8).
 * `lock.json` and the lease are two facts: OmniGraph only knows the first, a run with `state.lock: false` only has the
 * second. Problems are warnings here; nothing is guessed from a failed read.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { isExpired } from "../ports/lease-record.ts";
import type { LeaseHolder, LeaseTable } from "../ports/lease-table.ts";
import { LOCK_FILE_KEY } from "./keys.ts";
import { decodeLockFile, type LockFile, lockFileProblem } from "./lock-file.ts";
import { readObjectRetrying, retryRead, type StorePorts } from "./retry.ts";

export interface LockObservation {
  /** `lock.json` is there, readable or not. */
  readonly locked: boolean;
  /** Its content, if it can be read. */
  readonly lock: LockFile | null;
  /** Age of the lock file, not below 0; null if it cannot be told. */
  readonly lock_age_seconds: number | null;
  /** Who holds the lease now; an expired holder counts as none. */
  readonly holder: LeaseHolder;
  readonly diagnostics: readonly Diagnostic[];
}

interface ObservationPorts extends StorePorts {
  readonly lease: LeaseTable;
}

/** Looks at lock file and lease. */
export async function observeLock(ports: ObservationPorts): Promise<LockObservation> {
  const [file, lease] = await Promise.all([observeFile(ports), observeLease(ports)]);
  const diagnostics = [...file.diagnostics, ...lease.diagnostics, ...leftOver(file.lock, lease.ended)];
  return { ...file, holder: lease.holder, diagnostics };
}

/** The lock file of a holder whose deadline has passed: it stands, and holds nobody up. */
function leftOver(lock: LockFile | null, ended: LeaseHolder): readonly Diagnostic[] {
  if (lock === null || ended === null || lock.lock_id !== ended.lock_id) return [];
  const { operation, owner, deadline } = ended;
  const message = `The lock of ${operation} on ${owner} ended at ${deadline}; its lock file is still there.`;
  return [diagnostic("state_lock_left_over", { path: LOCK_FILE_KEY, message })];
}

function unreadable(what: string, reason: string): Diagnostic {
  const message = `The ${what} could not be read: ${reason}.`;
  return diagnostic("state_lock_read_error", { path: LOCK_FILE_KEY, message, severity: "warning" });
}

async function observeFile(ports: ObservationPorts): Promise<Omit<LockObservation, "holder">> {
  const stored = await readObjectRetrying(ports, LOCK_FILE_KEY);
  const none = { lock: null, lock_age_seconds: null };
  if (stored.tag === "absent") return { locked: false, ...none, diagnostics: [] };
  if (stored.tag === "unavailable") {
    return { locked: false, ...none, diagnostics: [unreadable("lock file", stored.reason)] };
  }
  const decoded = decodeLockFile(stored.bytes);
  if (decoded.tag !== "lock") {
    return { locked: true, ...none, diagnostics: [lockFileProblem(decoded, "warning")] };
  }
  const { lock } = decoded;
  return { locked: true, lock, lock_age_seconds: ageSeconds(lock, ports.clock.nowMs()), diagnostics: [] };
}

function ageSeconds(lock: LockFile, nowMs: number): number | null {
  const createdMs = Date.parse(lock.created_at);
  return Number.isNaN(createdMs) ? null : Math.max(0, Math.floor((nowMs - createdMs) / 1000));
}

async function observeLease(
  ports: ObservationPorts,
): Promise<Pick<LockObservation, "holder" | "diagnostics"> & { readonly ended: LeaseHolder }> {
  const read = await retryRead(ports.clock, () => ports.lease.read());
  if (read.tag === "unavailable") {
    return { holder: null, ended: null, diagnostics: [unreadable("lease", read.reason)] };
  }
  const { holder } = read;
  const expired = holder !== null && isExpired(holder, ports.clock.nowMs());
  return { holder: expired ? null : holder, ended: expired ? holder : null, diagnostics: [] };
}
