/**
 * Lease table: who may try to change a cluster now (design 4.2). It holds nothing that cannot be lost, and protects
 * nothing by itself: every write that matters is conditional at its own store.
 *
 * Guarantees: one item a cluster. `acquire` lands only if there is no holder or its deadline has passed, and then sets
 * token = 1 + max(token of the item, `token_floor`), so tokens strictly increase (K1) even when the table was lost.
 * `renew`, `release` and `take over` are conditional on the lock id. `break` ends any holding and raises the token.
 */
import type { LockId, RunId } from "../digest/ids.ts";
import type { Outcome } from "./outcome.ts";

export type LeaseOperation = "plan" | "apply" | "approve" | "refresh" | "import" | "recover";

export interface LeaseItem {
  readonly lock_id: LockId;
  readonly owner: string;
  readonly operation: LeaseOperation;
  readonly run_id: RunId;
  /** Fencing token: strictly increasing over the life of the cluster. */
  readonly token: number;
  /** RFC 3339 UTC. */
  readonly acquired_at: string;
  /** RFC 3339 UTC; after it (by the contender's clock) the lease may be taken over. */
  readonly deadline: string;
}

export interface LeaseRequest {
  readonly lock_id: LockId;
  readonly owner: string;
  readonly operation: LeaseOperation;
  readonly run_id: RunId;
  /** The newest token that the ledger's marker knows. */
  readonly token_floor: number;
  readonly duration_ms: number;
}

/** `null`: nobody holds the lease. */
export type LeaseHolder = LeaseItem | null;

export type LeaseRead =
  | { readonly tag: "read"; readonly holder: LeaseHolder; readonly token: number }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface Acquired {
  readonly item: LeaseItem;
  /** The expired holder that was displaced, for the attributed record. */
  readonly displaced: LeaseHolder;
}

export interface LeaseTable {
  /** Who holds the lease, expired or not, and the newest token. */
  read(): Promise<LeaseRead>;
  /** `refused` shows the holder. An own item met again (a lost answer) is `done`. */
  acquire(request: LeaseRequest): Promise<Outcome<Acquired, LeaseHolder>>;
  /** Moves the deadline of one's own holding. `refused`: it was lost. */
  renew(lockId: LockId, durationMs: number): Promise<Outcome<LeaseItem, LeaseHolder>>;
  /** Ends one's own holding; `refused` shows who holds it instead (K3). */
  release(lockId: LockId): Promise<Outcome<null, LeaseHolder>>;
  /** Ends the holding `lockId` whoever asks, and raises the token (force-unlock). */
  break(lockId: LockId): Promise<Outcome<LeaseItem, LeaseHolder>>;
  /** True if `lockId` is, or within the last holdings was, one of this table's. */
  knows(lockId: LockId): Promise<"yes" | "no" | "unavailable">;
}
