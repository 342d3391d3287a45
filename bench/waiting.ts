/**
 * Waiting: what a caller who waits for a run asks of the API, as the client of this repository does it: early questions
 * that are answered at once, then long ones that the server holds, looking at the record of the run again and again. A
 * held question is an execution of `api` that is paid for all the while.
 */
import { WAIT_LOOK_MS, WAIT_SECONDS_MAX } from "../lib/api/limits.ts";
import { RUN_EARLY_POLL_MS, RUN_EARLY_POLLS_MAX, RUN_WAIT_SECONDS_MAX } from "../lib/client/limits.ts";

export interface Waiting {
  /** Questions in all; the last one sees the end of the run. */
  readonly questions: number;
  /** Time that executions of the API spend waiting. */
  readonly held_ms: number;
  /** Looks at the record beside the first one of each question. */
  readonly looks: number;
}

/** `runMs`: from the answer that the run is ordered to its end. Time on the way to the API is left out. */
export function waitingFor(runMs: number): Waiting {
  let nowMs = 0;
  for (let early = 0; early < RUN_EARLY_POLLS_MAX; early += 1) {
    nowMs += RUN_EARLY_POLL_MS * 2 ** early;
    if (nowMs >= runMs) return { questions: early + 1, held_ms: 0, looks: 0 };
  }
  const longestMs = Math.min(RUN_WAIT_SECONDS_MAX, WAIT_SECONDS_MAX) * 1_000;
  const leftMs = runMs - nowMs;
  const unanswered = Math.ceil(leftMs / longestMs) - 1;
  const lastLooks = Math.ceil((leftMs - unanswered * longestMs) / WAIT_LOOK_MS);
  const looks = unanswered * Math.ceil(longestMs / WAIT_LOOK_MS) + lastLooks;
  const lastMs = Math.min(lastLooks * WAIT_LOOK_MS, longestMs);
  return {
    questions: RUN_EARLY_POLLS_MAX + unanswered + 1,
    held_ms: unanswered * longestMs + lastMs,
    looks,
  };
}
