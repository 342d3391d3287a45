/** An ordinary request for the lease. */
import type { RunId } from "../../lib/digest/ids.ts";
import type { HoldRequest } from "../../lib/ledger/lease.ts";

export const DURATION_MS = 60_000;
const RUN = "01K00000000000000000000009" as RunId;

export function hold(overrides: Partial<HoldRequest> = {}): HoldRequest {
  return {
    operation: "apply",
    run_id: RUN,
    owner: "laptop:42",
    pid: 42,
    duration_ms: DURATION_MS,
    renew: false,
    wait_ms: 0,
    lock_file: true,
    ...overrides,
  };
}
