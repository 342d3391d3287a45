/** What refresh, import and status answer (spec/cluster 11), with `format_version`. Field order is the JSON order. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Protection } from "../ledger/protection.ts";
import type { JsonValue, StatusRecord } from "../ledger/state.ts";
import type { StateObservations } from "../plan/state-observations.ts";
import type { LastCommits } from "./last-commits.ts";

export const OBSERVE_OUTPUT_FORMAT_VERSION = 1;

interface LedgerView {
  readonly config_dir: string;
  readonly state_observations: StateObservations;
  readonly resource_digests: Readonly<Record<string, string>>;
  readonly resource_statuses: Readonly<Record<string, StatusRecord>>;
  readonly observations: Readonly<Record<string, JsonValue>>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface RefreshOutput extends LedgerView {
  readonly ok: boolean;
  readonly format_version: typeof OBSERVE_OUTPUT_FORMAT_VERSION;
  readonly operation: "refresh" | "import";
  /** False if nothing was new, so nothing was written (W37). */
  readonly state_written: boolean;
}

/** What OmniGraph answers, then who changed the deployment last, and what nobody may delete. */
export interface StatusOutput extends LedgerView, LastCommits {
  readonly ok: boolean;
  readonly format_version: typeof OBSERVE_OUTPUT_FORMAT_VERSION;
  /** By graph id. */
  readonly protected: Readonly<Record<string, Protection>>;
}
