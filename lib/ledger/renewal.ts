/**
 * Renewal: moving the deadline of a lease while its holder works (design 4.2). It stops for good when it is told to,
 * at once and without leaving a timer behind, or when it finds that the lease is another's.
 */
import { assertNever } from "../digest/assert.ts";
import type { LockId } from "../digest/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import { awaitedLater } from "./awaited-later.ts";
import { RENEW_INTERVAL_MS_MIN } from "./limits.ts";

export interface Renewal {
  /** True once the lease is known to be another's. A renewal that could not be made is not yet a loss. */
  readonly isLost: () => boolean;
  /** Ends the renewal; resolved when no renewal is under way any more. */
  readonly stop: () => Promise<void>;
}

interface RenewalPorts {
  readonly lease: LeaseTable;
  readonly clock: Clock;
}

/** Renews three times within each duration, until stopped. */
export function renewWhile(ports: RenewalPorts, lockId: LockId, durationMs: number): Renewal {
  const wake = new AbortController();
  const intervalMs = Math.max(RENEW_INTERVAL_MS_MIN, Math.floor(durationMs / 3));
  let lost = false;
  const loop = async (): Promise<void> => {
    while (!lost) {
      await ports.clock.sleep(intervalMs, wake.signal);
      if (wake.signal.aborted) return;
      lost = await isGone(ports, lockId, durationMs);
    }
  };
  const ended = awaitedLater(loop());
  return {
    isLost: () => lost,
    stop: async () => {
      wake.abort();
      await ended;
    },
  };
}

async function isGone(ports: RenewalPorts, lockId: LockId, durationMs: number): Promise<boolean> {
  const outcome = await ports.lease.renew(lockId, durationMs);
  switch (outcome.tag) {
    case "done":
    case "conflict":
    case "ambiguous":
    case "unavailable":
      // The next interval tries again; two may fail before the deadline passes.
      return false;
    case "refused":
      return true;
    default:
      return assertNever(outcome);
  }
}
