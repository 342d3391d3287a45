/**
 * Lease: who may try to change the cluster now (design 4.2).
 *
 * Taking it: (1) the newest fencing token that the ledger's marker knows is read, so that tokens rise even if the
 * table was lost; (2) the table is asked, and asked again until `wait_ms` is over; (3) the id of the holding is
 * recorded; (4) `lock.json` is put, unless it is switched off. Whatever fails later gives back what came earlier.
 *
 * Guarantees: a holding ends when it is released, broken or past its deadline (K5), and only by its own id or by an
 * explicit break (K3). The lease protects nothing by itself: a holder that was paused past its deadline finds its
 * commits refused (K4). `withLease` renews and releases on every way out of its body.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { LockId, RunId } from "../digest/ids.ts";
import type { Ids } from "../ports/ids.ts";
import type {
  Acquired,
  LeaseHolder,
  LeaseItem,
  LeaseOperation,
  LeaseRequest,
  LeaseTable,
} from "../ports/lease-table.ts";
import type { Version } from "../ports/object-store.ts";
import { decodeLedger } from "./codec.ts";
import { LOCK_FILE_KEY } from "./keys.ts";
import type { LedgerPorts } from "./ledger-document.ts";
import { ATTEMPTS_MAX, LEASE_POLL_MS } from "./limits.ts";
import { lockHeldDiagnostic, placeLockFile, recordHolding, removeLockFile } from "./lock-placement.ts";
import { readMarker } from "./marker.ts";
import { renewWhile } from "./renewal.ts";
import { pauseBefore, retryRead } from "./retry.ts";

export interface LeasePorts extends LedgerPorts {
  readonly lease: LeaseTable;
  readonly ids: Ids;
}

export interface HoldRequest {
  readonly operation: LeaseOperation;
  readonly run_id: RunId;
  /** For people: `host:pid` or a function name. */
  readonly owner: string;
  /** For OmniGraph's lock.json. */
  readonly pid: number;
  /** How long one holding lasts; in a function, until the invocation ends plus a margin. */
  readonly duration_ms: number;
  /** Move the deadline while the body runs (a laptop); false where the deadline is the end of the process anyway. */
  readonly renew: boolean;
  /** How long to wait for a holder to finish. */
  readonly wait_ms: number;
  /** `state.lock` of the config: false leaves `lock.json` out and nothing else. */
  readonly lock_file: boolean;
  /** What was read of the ledger's marker earlier; absent: it is read now. */
  readonly token_floor?: TokenFloor | undefined;
  /** Called once the table has given the lease, while the lock file is put: reading may begin, writing may not. */
  readonly onTaken?: () => void;
}

export interface HeldLease {
  readonly lock_id: LockId;
  readonly token: number;
  readonly item: LeaseItem;
  /** The expired holder whose lease was taken over. */
  readonly displaced: LeaseHolder;
  /** True once a renewal has found that the lease is another's. */
  readonly isLost: () => boolean;
}

export type LeaseAcquisition =
  | {
      readonly tag: "held";
      readonly lease: Acquired;
      /** Version of our lock.json; null if it is switched off. */
      readonly lock_file: Version | null;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** Somebody else holds the lease or, if `holder` is null, OmniGraph's lock. */
  | { readonly tag: "busy"; readonly holder: LeaseHolder; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

type Taken =
  | { readonly tag: "taken"; readonly acquired: Acquired }
  | Exclude<LeaseAcquisition, { tag: "held" }>;

function failed(reason: string): Extract<LeaseAcquisition, { tag: "failed" }> {
  const message = `The lock could not be taken: ${reason}.`;
  return {
    tag: "failed",
    diagnostics: [diagnostic("state_lock_error", { path: LOCK_FILE_KEY, message })],
  };
}

/** Takes the lease and puts the lock file. */
export async function acquireLease(ports: LeasePorts, request: HoldRequest): Promise<LeaseAcquisition> {
  const floor = request.token_floor ?? (await readTokenFloor(ports));
  if (floor.tag === "unavailable") return failed(floor.reason);
  const lockId = ports.ids.next() as LockId;
  const taken = await takeLease(ports, {
    lock_id: lockId,
    owner: request.owner,
    operation: request.operation,
    run_id: request.run_id,
    token_floor: floor.token,
    duration_ms: request.duration_ms,
    wait_ms: request.wait_ms,
  });
  if (taken.tag !== "taken") return taken;
  const { acquired } = taken;
  request.onTaken?.();
  const diagnostics = noteTakeover(acquired);
  if (!request.lock_file) {
    const message = "state.lock is false: OmniGraph's commands do not see that this one is running.";
    diagnostics.push(diagnostic("state_lock_disabled", { path: "state.lock", message }));
    // Nobody misses the record of a holding without a lock file, but whose lease was ended must be on record.
    if (acquired.displaced !== null) await recordHolding(ports, acquired);
    return { tag: "held", lease: acquired, lock_file: null, diagnostics };
  }
  const placed = await placeLockFile(ports, acquired, request.pid);
  if (placed.tag === "placed")
    return { tag: "held", lease: acquired, lock_file: placed.version, diagnostics };
  const released = await releaseTable(ports, lockId);
  const all = [...diagnostics, ...placed.diagnostics, ...released];
  return placed.tag === "held"
    ? { tag: "busy", holder: null, diagnostics: all }
    : { tag: "failed", diagnostics: all };
}

export type TokenFloor =
  | { readonly tag: "known"; readonly token: number }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The token in the ledger's marker. A ledger that cannot be decoded has none; the reading will say why later. */
export async function readTokenFloor(ports: LedgerPorts): Promise<TokenFloor> {
  const read = await retryRead(ports.clock, () => ports.ledger.read());
  if (read.tag === "unavailable") return read;
  if (read.tag === "absent") return { tag: "known", token: 0 };
  const decoded = decodeLedger(read.tag === "found" ? read.bytes : read.committed);
  if (decoded.tag === "invalid") return { tag: "known", token: 0 };
  const marker = readMarker(decoded.state);
  return { tag: "known", token: marker.tag === "marked" ? marker.marker.token : 0 };
}

async function takeLease(
  ports: LeasePorts,
  request: LeaseRequest & { readonly wait_ms: number },
): Promise<Taken> {
  const deadlineMs = ports.clock.nowMs() + request.wait_ms;
  let undecided = 0;
  for (;;) {
    const outcome = await ports.lease.acquire(request);
    switch (outcome.tag) {
      case "done":
        return { tag: "taken", acquired: outcome.value };
      case "refused": {
        if (ports.clock.nowMs() < deadlineMs) {
          await ports.clock.sleep(LEASE_POLL_MS);
          break;
        }
        const busy = busyDiagnostic(outcome.current, ports.clock.nowMs());
        return { tag: "busy", holder: outcome.current, diagnostics: [busy] };
      }
      case "conflict":
      case "ambiguous":
      case "unavailable":
        // Asking again with the same id decides: an own holding that landed after all is answered as ours.
        undecided += 1;
        if (undecided >= ATTEMPTS_MAX) {
          const reason = outcome.tag === "conflict" ? "the lease table decided nothing" : outcome.reason;
          // An attempt whose answer was lost may have landed; it should not stand until its deadline.
          const released = await releaseTable(ports, request.lock_id);
          return { tag: "failed", diagnostics: [...failed(reason).diagnostics, ...released] };
        }
        await pauseBefore(ports.clock, undecided);
        break;
      default:
        return assertNever(outcome);
    }
  }
}

/** A living holder moves its deadline; so whoever knows that it died can wait instead of using force. */
function busyDiagnostic(holder: LeaseHolder, nowMs: number): Diagnostic {
  if (holder === null) return lockHeldDiagnostic(null, "another command");
  const { operation, owner, acquired_at, lock_id, deadline } = holder;
  const leftMs = Math.max(0, Date.parse(deadline) - nowMs);
  const free = Number.isNaN(leftMs)
    ? ""
    : ` If that process is gone, the lock is free by itself in ${Math.ceil(leftMs / 1000)} s.`;
  return lockHeldDiagnostic(lock_id, `${operation} on ${owner} since ${acquired_at}`, free);
}

function noteTakeover({ displaced }: Acquired): Diagnostic[] {
  if (displaced === null) return [];
  const { operation, owner, deadline } = displaced;
  const message = `The lock of ${operation} on ${owner} ended at ${deadline} and was taken over.`;
  return [diagnostic("state_lock_taken_over", { path: LOCK_FILE_KEY, message })];
}

/**
 * Gives back what `acquireLease` took. Lock file and lease go at once: each only if it is still the one that was taken,
 * and a file that is left a moment longer is replaced by the next holder.
 */
export async function releaseLease(
  ports: LeasePorts,
  held: Extract<LeaseAcquisition, { tag: "held" }>,
): Promise<readonly Diagnostic[]> {
  const { lock_id } = held.lease.item;
  const [file, table] = await Promise.all([
    held.lock_file === null ? [] : removeLockFile(ports, lock_id, held.lock_file),
    releaseTable(ports, lock_id),
  ]);
  return [...file, ...table];
}

async function releaseTable(ports: LeasePorts, lockId: LockId): Promise<readonly Diagnostic[]> {
  let reason = "";
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.lease.release(lockId);
    // A refusal means that the lease ended already: broken, or taken over after its deadline.
    if (outcome.tag === "done" || outcome.tag === "refused") return [];
    reason = outcome.tag === "conflict" ? "the lease table decided nothing" : outcome.reason;
  }
  const message = `The lease ${lockId} could not be released: ${reason}. To end it: graphform force-unlock ${lockId}`;
  return [diagnostic("state_lock_release_failed", { path: LOCK_FILE_KEY, message })];
}

export type LeasedRun<Value> =
  | { readonly tag: "ran"; readonly value: Value; readonly diagnostics: readonly Diagnostic[] }
  | Exclude<LeaseAcquisition, { tag: "held" }>;

/** Runs `body` while holding the lease. The lease is released on every way out, also if the body throws. */
export async function withLease<Value>(
  ports: LeasePorts,
  request: HoldRequest,
  body: (lease: HeldLease) => Promise<Value>,
): Promise<LeasedRun<Value>> {
  const held = await acquireLease(ports, request);
  if (held.tag !== "held") return held;
  const { item, displaced } = held.lease;
  const diagnostics = [...held.diagnostics];
  const renewal = request.renew
    ? renewWhile(ports, item.lock_id, request.duration_ms)
    : { isLost: () => false, stop: () => Promise.resolve() };
  const lease = { lock_id: item.lock_id, token: item.token, item, displaced, isLost: renewal.isLost };
  try {
    const value = await body(lease);
    return { tag: "ran", value, diagnostics };
  } finally {
    try {
      await renewal.stop();
    } finally {
      if (renewal.isLost()) diagnostics.push(lostDiagnostic(item));
      diagnostics.push(...(await releaseLease(ports, held)));
    }
  }
}

function lostDiagnostic({ lock_id }: LeaseItem): Diagnostic {
  const message = `The lock ${lock_id} ended before the command did.`;
  return diagnostic("state_lock_lost", { path: LOCK_FILE_KEY, message });
}
