/**
 * LeaseRecord: the one item of a lease table as a value, and what acquire, renew, release and break make of it. Every
 * adapter that keeps the item as a document (memory, file) decides with these functions, so they cannot disagree.
 *
 * Guarantees: pure. The token never decreases and rises with every acquire and break (K1); only the lock id of the
 * holder, or a break that names it, ends a holding (K3); a record holds at most one holder (K2); a holding ends when
 * it is released or broken, or can be taken over once its deadline has passed (K5).
 */
import type { LockId } from "../digest/ids.ts";
import { formatTimestamp } from "./clock.ts";
import type { Acquired, LeaseHolder, LeaseItem, LeaseRequest } from "./lease-table.ts";
import { LOCK_IDS_REMEMBERED_MAX } from "./limits.ts";

export interface LeaseRecord {
  readonly format_version: 1;
  readonly token: number;
  readonly holder: LeaseHolder;
  /** Oldest first. */
  readonly lock_ids: readonly LockId[];
}

export const EMPTY_LEASE_RECORD: LeaseRecord = { format_version: 1, token: 0, holder: null, lock_ids: [] };

/** `write`: store `record`, then answer `value`. `answer`: nothing to store. `refused`: the holder stands in the way. */
export type LeaseDecision<Value> =
  | { readonly tag: "write"; readonly record: LeaseRecord; readonly value: Value }
  | { readonly tag: "answer"; readonly value: Value }
  | { readonly tag: "refused"; readonly holder: LeaseHolder };

/** True if the holding may be taken over at `nowMs`. An unreadable deadline counts as passed. */
export function isExpired(item: LeaseItem, nowMs: number): boolean {
  const deadlineMs = Date.parse(item.deadline);
  return Number.isNaN(deadlineMs) || deadlineMs < nowMs;
}

/** Lands if nobody holds the lease or the deadline has passed; an own holding met again is answered as it is. */
export function decideAcquire(
  record: LeaseRecord,
  request: LeaseRequest,
  nowMs: number,
): LeaseDecision<Acquired> {
  const { holder } = record;
  if (holder !== null && holder.lock_id === request.lock_id) {
    return { tag: "answer", value: { item: holder, displaced: null } };
  }
  if (holder !== null && !isExpired(holder, nowMs)) return { tag: "refused", holder };
  const token = 1 + Math.max(record.token, request.token_floor);
  const item: LeaseItem = {
    lock_id: request.lock_id,
    owner: request.owner,
    operation: request.operation,
    run_id: request.run_id,
    token,
    acquired_at: formatTimestamp(nowMs),
    deadline: formatTimestamp(nowMs + request.duration_ms),
  };
  const lockIds = [...record.lock_ids, request.lock_id].slice(-LOCK_IDS_REMEMBERED_MAX);
  return {
    tag: "write",
    record: { format_version: 1, token, holder: item, lock_ids: lockIds },
    value: { item, displaced: holder },
  };
}

/** Moves the deadline of the holding `lockId`. */
export function decideRenew(
  record: LeaseRecord,
  lockId: LockId,
  durationMs: number,
  nowMs: number,
): LeaseDecision<LeaseItem> {
  const { holder } = record;
  if (holder === null || holder.lock_id !== lockId) return { tag: "refused", holder };
  const item: LeaseItem = { ...holder, deadline: formatTimestamp(nowMs + durationMs) };
  return { tag: "write", record: { ...record, holder: item }, value: item };
}

/** Ends the holding `lockId`. */
export function decideRelease(record: LeaseRecord, lockId: LockId): LeaseDecision<null> {
  const { holder } = record;
  if (holder === null || holder.lock_id !== lockId) return { tag: "refused", holder };
  return { tag: "write", record: { ...record, holder: null }, value: null };
}

/** Ends the holding `lockId` whoever asks, and raises the token. */
export function decideBreak(record: LeaseRecord, lockId: LockId): LeaseDecision<LeaseItem> {
  const { holder } = record;
  if (holder === null || holder.lock_id !== lockId) return { tag: "refused", holder };
  return { tag: "write", record: { ...record, holder: null, token: record.token + 1 }, value: holder };
}

/** True if `lockId` is, or within the remembered holdings was, one of the record's. */
export function remembers(record: LeaseRecord, lockId: LockId): boolean {
  return record.holder?.lock_id === lockId || record.lock_ids.includes(lockId);
}
