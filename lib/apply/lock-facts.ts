/** A lock observation as outputs show it (spec/cluster 7.6), and the warning of a held lock (deviation 1). Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { LockObservation } from "../ledger/lock-observation.ts";
import type { LockFacts } from "../plan/state-observations.ts";

export function lockFacts(observed: LockObservation): LockFacts {
  const { lock, holder, lock_age_seconds } = observed;
  const locked = observed.locked || holder !== null;
  if (lock !== null) {
    return {
      locked,
      lock_id: lock.lock_id,
      lock_acquired: false,
      lock_operation: lock.operation,
      lock_created_at: lock.created_at,
      lock_pid: lock.pid,
      ...(lock_age_seconds === null ? {} : { lock_age_seconds }),
    };
  }
  if (holder === null) return { locked, lock_acquired: false };
  const { lock_id, operation, acquired_at } = holder;
  return { locked, lock_id, lock_acquired: false, lock_operation: operation, lock_created_at: acquired_at };
}

/** Plan takes no lock; that somebody holds it is worth knowing, because the ledger may move under the plan. */
export function heldLockWarning(facts: LockFacts, path: string): readonly Diagnostic[] {
  if (!facts.locked) return [];
  const who =
    facts.lock_operation === undefined ? "Another command" : `Another command (${facts.lock_operation})`;
  const id =
    facts.lock_id === undefined ? "" : ` (to end it by force: graphform force-unlock ${facts.lock_id})`;
  const message = `${who} holds the lock, so the ledger may move while this is read${id}.`;
  return [diagnostic("state_lock_held", { path, message, severity: "warning" })];
}
