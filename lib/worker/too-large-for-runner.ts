/**
 * Whether a run is too large for a worker, as its record tells: the newest attempts died, one after another, before they
 * had recorded an end, or used all their time up and brought the run no further. Without an end to it, a run that never
 * comes to its first effect would prompt itself for ever. Pure.
 */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { runKey } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { diedTooOften } from "./died-too-often.ts";
import { DEAD_ATTEMPTS_MAX, STALLED_STOPS_MAX } from "./limits.ts";

/** Null: it is not known to be. */
export function tooLargeForRunner(record: RunRecord): Diagnostic | null {
  const { run_id } = record;
  if (diedTooOften(record)) {
    return tooLarge(
      record,
      `${DEAD_ATTEMPTS_MAX} workers one after another were ended before they could finish the run ${run_id}.`,
    );
  }
  if ((record.stalled?.stops ?? 0) < STALLED_STOPS_MAX) return null;
  return tooLarge(
    record,
    `${STALLED_STOPS_MAX} workers one after another had no time left before they could do anything of the run ${run_id}.`,
  );
}

function tooLarge({ run_id }: RunRecord, message: string): Diagnostic {
  return diagnostic("too_large_for_runner", { path: runKey(run_id), message });
}
