/**
 * The HTTP status of what a command refused, by the code of its first error: somebody else is at work or the world has
 * moved (409), it is not there (404), it may not be (403), a part of the deployment does not answer (503), or the
 * input was understood and is wrong (422). Whatever heals with time is one of the first and the fourth. Pure.
 */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ProblemStatus, Refusal } from "./problem.ts";

const STATUSES: Partial<Readonly<Record<DiagnosticCode, ProblemStatus>>> = {
  state_lock_held: 409,
  state_lock_lost: 409,
  state_lock_taken_over: 409,
  state_lock_id_mismatch: 409,
  state_lock_missing: 409,
  state_cas_mismatch: 409,
  state_already_exists: 409,
  state_rolled_back: 409,
  state_forked: 409,
  state_lost: 409,
  state_missing: 409,
  deployment_mismatch: 409,
  plan_stale: 409,
  plan_altered: 409,
  plan_already_used: 409,
  approval_reserved: 409,
  approval_used: 409,
  run_ended: 409,
  run_taken_over: 409,
  graph_drifted: 409,
  graph_busy: 409,
  apply_interrupted: 409,
  cluster_recovery_pending: 409,
  idempotency_key_reused: 409,
  cluster_blocked: 409,
  cluster_not_blocked: 409,
  bundle_not_found: 404,
  upload_not_found: 404,
  export_not_found: 404,
  load_not_found: 404,
  plan_not_found: 404,
  approval_not_found: 404,
  run_not_found: 404,
  recovery_sidecar_not_found: 404,
  protection_target_unknown: 404,
  graph_not_applied: 404,
  graph_version_unknown: 404,
  graph_never_lived: 404,
  approval_self_given: 403,
  run_order_unknown: 503,
  bundle_read_error: 503,
  bundle_write_error: 503,
  cluster_blocked_unreadable: 503,
  cluster_blocked_write_error: 503,
  upload_link_failed: 503,
  export_link_failed: 503,
  upload_read_error: 503,
  plan_read_error: 503,
  state_read_error: 503,
  state_write_error: 503,
  state_outcome_unknown: 503,
  state_lock_read_error: 503,
  state_lock_error: 503,
  approval_read_error: 503,
  approval_write_error: 503,
  run_record_read_error: 503,
  run_record_write_error: 503,
  plan_write_error: 503,
  recovery_sidecar_read_error: 503,
  catalog_payload_read_error: 503,
  graph_observation_error: 503,
  graph_unavailable: 503,
  schema_preview_unavailable: 503,
  recovery_sidecar_write_error: 503,
  recovery_discard_failed: 503,
  apply_outcome_unknown: 503,
  run_access_undecided: 503,
  upload_order_unknown: 503,
  export_write_error: 503,
};

/** What a command came to that refused, or whose outcome is unknown. */
export function refusalOf(diagnostics: readonly Diagnostic[]): Refusal {
  const first = diagnostics.find((each) => each.severity === "error") ?? diagnostics[0];
  if (first === undefined) {
    const message = "The command came to nothing and did not say why.";
    return { status: 500, diagnostics: [diagnostic("api_internal", { path: "", message })] };
  }
  return { status: STATUSES[first.code] ?? 422, diagnostics };
}
