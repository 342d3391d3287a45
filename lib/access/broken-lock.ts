/**
 * BrokenLock: what policy is told of the lock that somebody wants to end by force (spec/policy 5.7): who holds it, as a
 * person, and for how long. The facts are those of the lock that the id names and of no other: `lock.json` of another
 * tool and the lease are two locks, each with an age of its own.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readRun } from "../apply/runs/run-store.ts";
import { assertNever } from "../digest/assert.ts";
import { LOCK_FILE_KEY } from "../ledger/keys.ts";
import { decodeLockFile } from "../ledger/lock-file.ts";
import { readObjectRetrying, retryRead } from "../ledger/retry.ts";
import { SECONDS_MAX } from "../policy/limits.ts";
import type { LeaseItem } from "../ports/lease-table.ts";

export interface BrokenLockFacts {
  /** Empty: nobody is known. */
  readonly lock_holders: readonly string[];
  readonly lock_age_seconds: number;
}

/** `unavailable`: a lock that could not be looked at has no age that could be taken for another's. */
export type BrokenLockRead =
  | { readonly tag: "facts"; readonly facts: BrokenLockFacts }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Stands for somebody who cannot be named, and is nobody who could ask. */
export const UNNAMED = "(not known)";

/** Where no lock is broken, nothing that a policy may want of one stands in the way. */
export const NO_LOCK: BrokenLockFacts = { lock_holders: [UNNAMED], lock_age_seconds: SECONDS_MAX };

/** Of the lock `lock_id`; an id that no lock has breaks none. */
export async function brokenLock(ports: ClusterPorts, lock_id: string): Promise<BrokenLockRead> {
  const [lease, file] = await Promise.all([
    retryRead(ports.clock, () => ports.lease.read()),
    readObjectRetrying(ports, LOCK_FILE_KEY),
  ]);
  if (lease.tag === "unavailable") return lease;
  if (lease.holder?.lock_id === lock_id) return heldLease(ports, lease.holder);
  if (file.tag === "unavailable") return file;
  const decoded = file.tag === "found" ? decodeLockFile(file.bytes) : null;
  if (decoded?.tag !== "lock" || decoded.lock.lock_id !== lock_id) return { tag: "facts", facts: NO_LOCK };
  const lock_age_seconds = secondsSince(ports, decoded.lock.created_at);
  return { tag: "facts", facts: { lock_holders: [], lock_age_seconds } };
}

async function heldLease(ports: ClusterPorts, holder: LeaseItem): Promise<BrokenLockRead> {
  const facts = (actor: string | null): BrokenLockRead => {
    const lock_age_seconds = secondsSince(ports, holder.acquired_at);
    return { tag: "facts", facts: { lock_holders: actor === null ? [] : [actor], lock_age_seconds } };
  };
  const run = await readRun(ports, holder.run_id);
  switch (run.tag) {
    case "found":
      return facts(run.stored.record.actor);
    case "absent":
    case "invalid":
      return facts(null);
    case "unavailable":
      return run;
    default:
      return assertNever(run);
  }
}

/** A time that cannot be read is now: the youngest that a lock can be. */
function secondsSince({ clock }: ClusterPorts, at: string): number {
  const sinceMs = Date.parse(at);
  return Number.isNaN(sinceMs) ? 0 : Math.max(0, Math.floor((clock.nowMs() - sinceMs) / 1000));
}
