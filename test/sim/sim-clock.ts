/** The clock of an actor: the world's time, as far ahead or behind as the actor's skew; timers are choices too. */
import type { Clock } from "../../lib/ports/clock.ts";
import type { CallFacts } from "./fates.ts";
import type { Actor, Request, Scheduler } from "./scheduler.ts";

const TIMER: CallFacts = { port: "clock", verb: "sleep", key: "", writes: false };

export function createSimClock(scheduler: Scheduler, actor: Actor): Clock {
  return {
    nowMs: () => scheduler.nowMs(actor),
    sleep: (durationMs, wake) =>
      new Promise((resolve) => {
        if (wake?.aborted === true) return resolve();
        const woken = (): void => {
          scheduler.withdraw(request);
          resolve();
        };
        const deliver = (): void => {
          wake?.removeEventListener("abort", woken);
          resolve();
        };
        const request: Request = {
          actor,
          call: TIMER,
          notBeforeMs: scheduler.timerAt(durationMs),
          act: () => Promise.resolve({ tag: "elapsed", deliver }),
          fail: deliver,
        };
        wake?.addEventListener("abort", woken);
        scheduler.submit(request);
      }),
  };
}
