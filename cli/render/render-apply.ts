/** The outcome of an apply as a person reads it: counts, what did not run and why, the ledger, what to do next. */
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { Change } from "../../lib/plan/change.ts";
import type { Style } from "../style.ts";
import { type ChangeEntry, foldChanges } from "./fold-changes.ts";
import { printableFields } from "./printable.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

const CHANGES_LISTED_MAX = 40;

/** `planShown`: the plan stands above, so only what did not go as planned is listed again. */
export function renderApply(raw: ApplyOutput, style: Style, planShown: boolean): readonly string[] {
  const output = printableFields(raw);
  const problems = renderDiagnostics(output.diagnostics, style);
  if (output.outcome === "refused") return [refusal(output, style), ...problems];
  const news = output.changes.filter((change) => !planShown || change.reason !== undefined);
  const changed = foldChanges(news).map((entry) => entryLine(entry, style));
  const listed = changed.slice(0, CHANGES_LISTED_MAX);
  const more = changed.length > listed.length ? [`  ... and ${changed.length - listed.length} more`] : [];
  return [headline(output, style), ...listed, ...more, ledgerLine(output), ...problems];
}

function refusal(output: ApplyOutput, style: Style): string {
  const declined = output.diagnostics.some((each) => each.code === "apply_declined");
  return declined
    ? style.yellow("cluster apply cancelled; nothing was changed")
    : style.red("cluster apply failed; nothing was changed");
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
    case "continuing":
      return style.yellow(`cluster apply stopped before its end: ${counts}`);
    case "refused":
      return refusal(output, style);
    case "unknown":
      return style.red("cluster apply ended without knowing whether it was recorded");
  }
}

function entryLine(entry: ChangeEntry, style: Style): string {
  if (entry.tag === "single") return changeLine(entry.change, entry.change.resource, style);
  return changeLine(entry.first, `${entry.address}  ${entry.text}`, style);
}

function changeLine(change: Change, what: string, style: Style): string {
  const bindings = change.binding_change ? " [bindings]" : "";
  const reason = change.reason === undefined ? change.disposition : `${change.disposition}: ${change.reason}`;
  const colour = change.disposition === "blocked" ? style.red : style.dim;
  return `  ${change.operation} ${what}${bindings} ${colour(`[${reason}]`)}`;
}

function ledgerLine(output: ApplyOutput): string {
  const { state_revision } = output.state_observations;
  return `  state: revision ${state_revision}, converged: ${output.converged}, written: ${output.state_written}`;
}
