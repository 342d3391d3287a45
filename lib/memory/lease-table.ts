/** Lease table in memory, by the contract of lib/ports/lease-table; the decisions are those of lib/ports/lease-record. */
import type { Clock } from "../ports/clock.ts";
import {
  decideAcquire,
  decideBreak,
  decideRelease,
  decideRenew,
  type LeaseDecision,
  remembers,
} from "../ports/lease-record.ts";
import type { LeaseHolder, LeaseTable } from "../ports/lease-table.ts";
import type { Outcome } from "../ports/outcome.ts";
import type { MemoryBackend } from "./backend.ts";

/** A client of `backend` that reads the time from `clock`. */
export function createMemoryLeaseTable(backend: MemoryBackend, clock: Clock): LeaseTable {
  const settle = <Value>(decision: LeaseDecision<Value>): Outcome<Value, LeaseHolder> => {
    if (decision.tag === "refused") return { tag: "refused", current: decision.holder };
    if (decision.tag === "write") backend.lease = decision.record;
    return { tag: "done", value: decision.value };
  };
  return {
    async read() {
      await Promise.resolve();
      return { tag: "read", holder: backend.lease.holder, token: backend.lease.token };
    },
    async acquire(request) {
      await Promise.resolve();
      return settle(decideAcquire(backend.lease, request, clock.nowMs()));
    },
    async renew(lockId, durationMs) {
      await Promise.resolve();
      return settle(decideRenew(backend.lease, lockId, durationMs, clock.nowMs()));
    },
    async release(lockId) {
      await Promise.resolve();
      return settle(decideRelease(backend.lease, lockId));
    },
    async break(lockId) {
      await Promise.resolve();
      return settle(decideBreak(backend.lease, lockId));
    },
    async knows(lockId) {
      await Promise.resolve();
      return remembers(backend.lease, lockId) ? "yes" : "no";
    },
  };
}
