/** The ledger that an import starts from: nothing is applied, and no config has been converged to (W26). */
import type { LedgerState } from "../ledger/state.ts";

export function emptyLedger(): LedgerState {
  return {
    version: 1,
    state_revision: 0,
    applied_revision: { config_digest: null, resources: {} },
    resource_statuses: {},
    approval_records: {},
    recovery_records: {},
    observations: {},
  };
}
