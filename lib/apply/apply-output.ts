/** What apply answers (spec/cluster 8.7), with `format_version` and the outcome of the run. Field order is the JSON order. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { PlanId, RunId } from "../digest/ids.ts";
import type { StatusRecord } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import type { StateObservations } from "../plan/state-observations.ts";

export const APPLY_OUTPUT_FORMAT_VERSION = 1;

/**
 * `continuing`: the run was stopped and goes on later under its id. `applied`: everything that may run ran. `noop`: nothing was to do and nothing was written. `partial`: something is
 * blocked, deferred or failed. `refused`: the run stopped before it changed anything. `unknown`: the ledger may or may
 * not have recorded the run; the next run settles it before it does anything else.
 */
export type ApplyOutcome = "applied" | "noop" | "partial" | "refused" | "unknown" | "continuing";

export interface ApplyOutput {
  readonly ok: boolean;
  readonly format_version: typeof APPLY_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  readonly actor?: string;
  readonly desired_revision: { readonly config_digest?: string };
  readonly state_observations: StateObservations;
  readonly changes: readonly Change[];
  readonly applied_count: number;
  readonly deferred_count: number;
  readonly converged: boolean;
  readonly state_written: boolean;
  readonly resource_statuses: Readonly<Record<string, StatusRecord>>;
  readonly diagnostics: readonly Diagnostic[];
  readonly outcome: ApplyOutcome;
  readonly run_id: RunId;
  readonly plan_id: PlanId | null;
}
