/**
 * LockPlacement: putting and removing `lock.json` under the lease (design 4.2).
 *
 * A lock file whose id is remembered by the lease table or recorded below `__graphform/locks/` is a leftover of ours
 * and is replaced on its version; any other one belongs to another tool and means that the lock is held. Nothing is
 * written or removed unconditionally (W9), so a successor's file is never touched.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { isUlid, type LockId } from "../digest/ids.ts";
import type { Acquired, LeaseTable } from "../ports/lease-table.ts";
import type { Version } from "../ports/object-store.ts";
import { LOCK_FILE_KEY, lockRecordKey } from "./keys.ts";
import { LOCK_FILE_ATTEMPTS_MAX } from "./limits.ts";
import { decodeLockFile, encodeLockFile, lockFileProblem, lockOperation } from "./lock-file.ts";
import { encodeLockRecord } from "./lock-record.ts";
import { pauseBefore, putOnce, readObjectRetrying, retryRead, type StorePorts } from "./retry.ts";

export interface PlacementPorts extends StorePorts {
  readonly lease: LeaseTable;
}

export type Placement =
  | { readonly tag: "placed"; readonly version: Version }
  | { readonly tag: "held"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

function failed(reason: string): Placement {
  const message = `The lock could not be taken: ${reason}.`;
  return {
    tag: "failed",
    diagnostics: [diagnostic("state_lock_error", { path: LOCK_FILE_KEY, message })],
  };
}

/** Somebody holds the lock; the id, where it can be read, is what force-unlock takes. */
export function lockHeldDiagnostic(lockId: string | null, holder: string, outlook = ""): Diagnostic {
  const unlock = lockId === null ? "" : ` To end it by force: graphform force-unlock ${lockId}`;
  return diagnostic("state_lock_held", {
    path: LOCK_FILE_KEY,
    message: `The lock is held by ${holder}.${outlook}${unlock}`,
  });
}

/** Records the holding; null once it is recorded. */
export async function recordHolding(ports: PlacementPorts, acquired: Acquired): Promise<Placement | null> {
  const record = await putOnce(ports, lockRecordKey(acquired.item.lock_id), encodeLockRecord(acquired));
  if (record.tag === "present") return null;
  return failed(record.tag === "other" ? "its id was used before" : record.reason);
}

/** Records the holding and puts its lock file. */
export async function placeLockFile(
  ports: PlacementPorts,
  acquired: Acquired,
  pid: number,
): Promise<Placement> {
  const unrecorded = await recordHolding(ports, acquired);
  if (unrecorded !== null) return unrecorded;
  const { lock_id, operation, acquired_at } = acquired.item;
  const bytes = encodeLockFile({
    version: 1,
    lock_id,
    operation: lockOperation(operation),
    created_at: acquired_at,
    pid,
  });
  for (let attempt = 0; attempt < LOCK_FILE_ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const put = await putOnce(ports, LOCK_FILE_KEY, bytes);
    if (put.tag === "present") return { tag: "placed", version: put.version };
    if (put.tag !== "other") return failed(put.reason);
    const replaced = await replaceLeftover(ports, put, { lock_id, bytes });
    if (replaced !== null) return replaced;
  }
  return failed("the lock file changes faster than it can be taken");
}

interface OwnLockFile {
  readonly lock_id: LockId;
  readonly bytes: Uint8Array;
}

/**
 * Replaces a leftover of ours; null means that the file changed and must be looked at again.
 *
 * The file that was seen may be a successor's: a holder can sleep past its deadline before it comes to this. Whoever
 * placed it had the lease by then, so the lease is asked after the file was seen and before it is replaced (K3).
 */
async function replaceLeftover(
  ports: PlacementPorts,
  seen: { readonly bytes: Uint8Array; readonly version: Version },
  own: OwnLockFile,
): Promise<Placement | null> {
  const decoded = decodeLockFile(seen.bytes);
  if (decoded.tag !== "lock") {
    // Force-unlock needs an id, and this file gives none: only the second diagnostic says what helps.
    const diagnostics = [
      lockHeldDiagnostic(null, "a lock file that cannot be read"),
      lockFileProblem(decoded, "error"),
    ];
    return { tag: "held", diagnostics };
  }
  const { lock } = decoded;
  const ours = await isOurs(ports, lock.lock_id);
  if (ours === "unavailable") return failed("it is not known whose lock file is there");
  if (ours === "no") {
    const holder = `another tool (${lock.operation}, process ${lock.pid}, since ${lock.created_at})`;
    return { tag: "held", diagnostics: [lockHeldDiagnostic(lock.lock_id, holder)] };
  }
  const lease = await retryRead(ports.clock, () => ports.lease.read());
  if (lease.tag === "unavailable") return failed(lease.reason);
  if (lease.holder?.lock_id !== own.lock_id) return failed("it ended before the lock file could be put");
  const outcome = await ports.store.replace(LOCK_FILE_KEY, own.bytes, seen.version);
  switch (outcome.tag) {
    case "done":
      return { tag: "placed", version: outcome.value };
    case "unavailable":
      return failed(outcome.reason);
    case "refused":
    case "conflict":
    case "ambiguous":
      // Looking again decides: an own file that landed after all is recognised by its bytes.
      return null;
    default:
      return assertNever(outcome);
  }
}

/** Was the lock id ever one of ours? */
export async function isOurs(ports: PlacementPorts, lockId: string): Promise<"yes" | "no" | "unavailable"> {
  // An id that is no ULID was not made by us, and must not become part of a key.
  if (!isUlid(lockId)) return "no";
  const id = lockId as LockId;
  const known = await ports.lease.knows(id);
  if (known === "yes") return known;
  const record = await readObjectRetrying(ports, lockRecordKey(id));
  if (record.tag === "found") return "yes";
  return record.tag === "absent" && known === "no" ? "no" : "unavailable";
}

/** Removes the lock file if it is still the one that was placed; what is left is reported. */
export async function removeLockFile(
  ports: StorePorts,
  lockId: string,
  version: Version,
): Promise<readonly Diagnostic[]> {
  let reason = "";
  for (let attempt = 0; attempt < LOCK_FILE_ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.store.remove(LOCK_FILE_KEY, version);
    // A refusal means that the file is another's now, or gone: either way it is not ours to remove (K3).
    if (outcome.tag === "done" || outcome.tag === "refused") return [];
    reason = outcome.tag === "conflict" ? "the store decided nothing" : outcome.reason;
  }
  const message = `The lock file ${lockId} could not be removed: ${reason}. To remove it: graphform force-unlock ${lockId}`;
  return [diagnostic("state_lock_release_failed", { path: LOCK_FILE_KEY, message })];
}
