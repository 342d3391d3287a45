/**
 * What the commands around plan and apply answer: recover, discard, restore, reclaim, protect. Field order is the JSON order.
 */

import type { LockedRun } from "../apply/locked-run.ts";
import { type Diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { RunId } from "../digest/ids.ts";

export const OPERATE_OUTPUT_FORMAT_VERSION = 1;

export interface OperateOutput<Facts> {
  readonly ok: boolean;
  readonly format_version: typeof OPERATE_OUTPUT_FORMAT_VERSION;
  readonly operation: "recover" | "discard" | "restore" | "reclaim" | "protect" | "unprotect";
  readonly run_id: RunId;
  /** `unknown`: it may have happened; the next command settles it. */
  readonly outcome: "done" | "noop" | "refused" | "unknown";
  /** What was done; null if the command came to nothing. */
  readonly result: Facts | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a body under the lease came to. */
export interface Operated<Facts> {
  readonly outcome: OperateOutput<Facts>["outcome"];
  readonly result: Facts | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nothing was done, for these reasons. */
export function refusedOperation<Facts>(diagnostics: readonly Diagnostic[]): Operated<Facts> {
  return { outcome: "refused", result: null, diagnostics };
}

export function operateOutput<Facts>(
  operation: OperateOutput<Facts>["operation"],
  ran: LockedRun<Operated<Facts>>,
): OperateOutput<Facts> {
  const value = ran.tag === "ran" ? ran.value : refusedOperation<Facts>([]);
  const outcome = ran.tag === "ran" && ran.unproven ? "unknown" : value.outcome;
  const diagnostics = [...ran.diagnostics, ...value.diagnostics];
  const ok = !hasErrors(diagnostics) && (outcome === "done" || outcome === "noop");
  return {
    ok,
    format_version: OPERATE_OUTPUT_FORMAT_VERSION,
    operation,
    run_id: ran.run_id,
    outcome,
    result: value.result,
    diagnostics,
  };
}
