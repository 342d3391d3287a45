/** What force-unlock answers (spec/cluster 11.5), with `format_version`. Field order is the JSON order. */
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { StateObservations } from "../../lib/plan/state-observations.ts";

export interface UnlockOutput {
  readonly ok: boolean;
  readonly format_version: 1;
  readonly config_dir: string;
  readonly state_observations: StateObservations;
  readonly lock_removed: boolean;
  readonly diagnostics: readonly Diagnostic[];
}
