/**
 * How long a run of a deployment is tried again while the world keeps it from being done: some hours from the first such
 * time on, and anew after it has waited for an approval, because what came before says nothing of the world of today.
 */
import type { Clock } from "../../ports/clock.ts";
import { RUN_RETRIES_MS_MAX } from "../limits.ts";
import type { RunRecord } from "./run-record.ts";

/** True while the run may still be tried again. */
export function mayBeTriedAgain(
  { clock }: { readonly clock: Clock },
  { tried_since, started_at }: Pick<RunRecord, "tried_since" | "started_at">,
): boolean {
  const since = tried_since ?? started_at;
  return since === null || clock.nowMs() - Date.parse(since) < RUN_RETRIES_MS_MAX;
}
