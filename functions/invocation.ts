/**
 * Invocation: how long the function that is running may go on, and so how long it may hold a lease. The lease ends a
 * margin after the invocation: nobody renews it, and no holder outlives it (design 4.2).
 */
import type { Holding } from "../lib/apply/cluster-ports.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { HOLDING_MARGIN_MS } from "./limits.ts";

export interface Invocation {
  /** An invocation begins that ends in so many milliseconds. */
  readonly begin: (remainingMs: number) => void;
  readonly holding: () => Holding;
}

export function createInvocation(nowMs = SYSTEM_CLOCK.nowMs): Invocation {
  let endsMs = nowMs();
  return {
    begin: (remainingMs) => {
      endsMs = nowMs() + remainingMs;
    },
    holding: () => ({ duration_ms: Math.max(0, endsMs - nowMs()) + HOLDING_MARGIN_MS, renew: false }),
  };
}
