/** The outcome of an apply as a person reads it: counts, what did not run and why, the ledger, what to do next. */
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { Change } from "../../lib/plan/change.ts";
import type { Style } from "../style.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

const CHANGES_LISTED_MAX = 40;

export function renderApply(output: ApplyOutput, style: Style): readonly string[] {
  const problems = renderDiagnostics(output.diagnostics, style);
  const head = headline(output, style);
  const changed =
    output.outcome === "refused" ? [] : output.changes.map((change) => changeLine(change, style));
  const listed = changed.slice(0, CHANGES_LISTED_MAX);
  const more = changed.length > listed.length ? [`  ... and ${changed.length - listed.length} more`] : [];
  return [head, ...listed, ...more, ...ledgerLine(output), ...problems];
}

function headline(output: ApplyOutput, style: Style): string {
  const counts = `${output.applied_count} applied, ${output.deferred_count} deferred or blocked`;
  switch (output.outcome) {
    case "applied":
      return style.green(`cluster apply: ${counts}`);
    case "noop":
      return "cluster apply: no changes, nothing was written";
    case "partial":
      return style.yellow(`cluster apply: ${counts}`);
    case "refused":
      return style.red("cluster apply failed; nothing was changed");
    case "unknown":
      return style.red("cluster apply ended without knowing whether it was recorded");
  }
}

function changeLine(change: Change, style: Style): string {
  const word = { create: "create", update: "update", delete: "delete" }[change.operation];
  const bindings = change.binding_change ? " [bindings]" : "";
  const reason = change.reason === undefined ? change.disposition : `${change.disposition}: ${change.reason}`;
  const colour = change.disposition === "blocked" ? style.red : style.dim;
  return `  ${word} ${change.resource}${bindings} ${colour(`[${reason}]`)}`;
}

function ledgerLine(output: ApplyOutput): readonly string[] {
  const { state_found, state_revision } = output.state_observations;
  if (!state_found) return [];
  return [
    `  state: revision ${state_revision}, converged: ${output.converged}, written: ${output.state_written}`,
  ];
}
