/** What approve answers (spec/cluster 11.5), with `format_version`. Field order is the JSON order. */
import type { ApprovedOperation, Evidence } from "../approval/evidence.ts";
import { type Diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";

export const APPROVE_OUTPUT_FORMAT_VERSION = 1;

export interface ApproveOutput {
  readonly ok: boolean;
  readonly format_version: typeof APPROVE_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  /** This and the next three are there if the approval was given, or may have been. */
  readonly approval_id?: string;
  readonly resource?: string;
  readonly operation?: ApprovedOperation;
  readonly approved_by?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** `evidence`: of the approval that was given, or may have been; null if none was. */
export function approveOutput(
  config_dir: string,
  evidence: Evidence | null,
  diagnostics: readonly Diagnostic[],
): ApproveOutput {
  return {
    ok: evidence !== null && !hasErrors(diagnostics),
    format_version: APPROVE_OUTPUT_FORMAT_VERSION,
    config_dir,
    ...(evidence === null ? {} : summaryOf(evidence)),
    diagnostics,
  };
}

function summaryOf({ approval_id, resource, operation, approved_by }: Evidence) {
  return { approval_id, resource, operation, approved_by };
}
