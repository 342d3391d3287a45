/** The machine's clock. */
import type { Clock } from "../ports/clock.ts";

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  sleep(durationMs, wake) {
    return new Promise((resolve) => {
      if (wake?.aborted === true) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        wake?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, durationMs);
      wake?.addEventListener("abort", finish);
    });
  },
};
