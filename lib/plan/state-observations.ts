/** What a command saw of the ledger and the lock (spec/cluster 7.6). Field order is the JSON order. Pure. */
export interface LockFacts {
  /** Somebody else holds the lock. */
  readonly locked: boolean;
  readonly lock_id?: string;
  readonly lock_acquired: boolean;
  readonly acquired_lock_id?: string;
  readonly lock_operation?: string;
  readonly lock_created_at?: string;
  readonly lock_pid?: number;
  readonly lock_age_seconds?: number;
}

export interface LedgerFacts {
  readonly state_found: boolean;
  readonly applied_config_digest?: string;
  readonly state_revision: number;
  readonly state_cas?: string;
  readonly resource_count: number;
}

export interface StateObservations extends LedgerFacts, LockFacts {
  /** Where ledger and lock lie, as people write the root. */
  readonly state_path: string;
  readonly lock_path: string;
}

export const NO_LEDGER: LedgerFacts = { state_found: false, state_revision: 0, resource_count: 0 };
export const NO_LOCK: LockFacts = { locked: false, lock_acquired: false };

export function stateObservations(root: string, ledger: LedgerFacts, lock: LockFacts): StateObservations {
  return {
    state_path: `${root}/__cluster/state.json`,
    lock_path: `${root}/__cluster/lock.json`,
    ...ledger,
    ...lock,
  };
}
