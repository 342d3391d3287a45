/**
 * Clocks that tests own. Both start at a given instant and are moved by `advance`.
 *
 * - Manual: `sleep` moves the time itself, so that code which waits never waits in a test; two sleepers see the sum of
 *   their sleeps, which is a legal behaviour of wall time.
 * - Stepped: `sleep` waits until `advance` has moved the time far enough, so that a test decides when timers fire.
 */
import type { Clock } from "../ports/clock.ts";

export interface ManualClock extends Clock {
  /** Moves the time forward (or, with a negative number, back). */
  advance(durationMs: number): void;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock whose sleepers move it. */
export function createManualClock(startMs: number): ManualClock {
  let now = startMs;
  return {
    nowMs: () => now,
    advance(durationMs) {
      now += durationMs;
    },
    async sleep(durationMs, wake) {
      await nextTurn();
      if (wake?.aborted === true) return;
      now += durationMs;
    },
  };
}

/** A clock whose sleepers wait for it. */
export function createSteppedClock(startMs: number): ManualClock {
  let now = startMs;
  const sleepers = new Set<{ readonly untilMs: number; readonly resolve: () => void }>();
  return {
    nowMs: () => now,
    advance(durationMs) {
      now += durationMs;
      for (const sleeper of [...sleepers]) if (sleeper.untilMs <= now) sleeper.resolve();
    },
    sleep(durationMs, wake) {
      return new Promise((resolve) => {
        const sleeper = { untilMs: now + durationMs, resolve: () => finish() };
        const finish = (): void => {
          sleepers.delete(sleeper);
          wake?.removeEventListener("abort", finish);
          resolve();
        };
        if (wake?.aborted === true) return resolve();
        wake?.addEventListener("abort", finish);
        sleepers.add(sleeper);
      });
    },
  };
}
