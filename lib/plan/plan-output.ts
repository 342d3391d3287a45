/** What plan answers (spec/cluster 7.6), with `format_version` and the plan's id. Field order is the JSON order. */
import type { Address } from "../desired/address.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { PlanId } from "../digest/ids.ts";
import type { BlastRadius } from "./blast-radius.ts";
import type { Change } from "./change.ts";
import type { Edge } from "./edges.ts";
import type { ApprovalRequired } from "./gates.ts";
import type { StateObservations } from "./state-observations.ts";

export const PLAN_OUTPUT_FORMAT_VERSION = 1;

export interface PlanOutput {
  readonly ok: boolean;
  readonly format_version: typeof PLAN_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  readonly desired_revision: { readonly config_digest?: string };
  readonly resource_digests: Readonly<Record<Address, string>>;
  readonly dependencies: readonly Edge[];
  readonly state_observations: StateObservations;
  readonly changes: readonly Change[];
  readonly blast_radius: readonly BlastRadius[];
  readonly approvals_required: readonly ApprovalRequired[];
  readonly diagnostics: readonly Diagnostic[];
  /** Null if no plan could be made. */
  readonly plan_id: PlanId | null;
  readonly plan_digest: string | null;
}
