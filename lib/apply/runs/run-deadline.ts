/**
 * The deadline of one attempt (design 7): no effect begins that may not be over, and recorded, when the time is up. How
 * long an effect takes is judged by the longest one of this attempt, so the first begins whenever there is time at all.
 */
import type { Clock } from "../../ports/clock.ts";
import type { ApplyProgress } from "../apply-run.ts";
import { RECORDING_MS_MAX } from "../limits.ts";

export interface RunDeadline {
  /** True once no effect may begin any more. */
  readonly isNear: () => boolean;
  /** To be told of every step. */
  readonly watch: (progress: ApplyProgress) => void;
}

/** The time begins to run now. */
export function startDeadline(clock: Clock, stopAfterMs: number): RunDeadline {
  const endsMs = clock.nowMs() + stopAfterMs - Math.min(RECORDING_MS_MAX, stopAfterMs / 10);
  let longestMs = 0;
  let beganMs = 0;
  return {
    isNear: () => clock.nowMs() + longestMs >= endsMs,
    watch: ({ tag }) => {
      if (tag === "effect_started") beganMs = clock.nowMs();
      if (tag === "effect_ended") longestMs = Math.max(longestMs, clock.nowMs() - beganMs);
    },
  };
}
