/** Refusals that say nothing about what was asked for: the world did not answer, or somebody else was first. */
import type { Diagnostic, DiagnosticCode } from "../../diagnostic/diagnostic.ts";

const HEALING: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  "approval_read_error",
  "apply_interrupted",
  "apply_outcome_unknown",
  "bundle_read_error",
  "bundle_write_error",
  "catalog_payload_read_error",
  "export_write_error",
  "graph_busy",
  "graph_observation_error",
  "graph_unavailable",
  "plan_read_error",
  "plan_write_error",
  "recovery_sidecar_read_error",
  "recovery_sidecar_write_error",
  "run_access_undecided",
  "run_record_read_error",
  "run_record_write_error",
  "schema_preview_unavailable",
  "state_cas_mismatch",
  "state_lock_error",
  "state_lock_held",
  "state_lock_lost",
  "state_outcome_unknown",
  "state_read_error",
  "state_write_error",
  "upload_order_unknown",
]);

/** True if every error may be gone when the same is tried again. */
export function healsWithTime(diagnostics: readonly Diagnostic[]): boolean {
  const errors = diagnostics.filter((each) => each.severity === "error");
  return errors.length > 0 && errors.every((each) => HEALING.has(each.rule ?? each.code));
}
