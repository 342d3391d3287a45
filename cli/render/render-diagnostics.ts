/**
 * Diagnostics for people: one block each, with the place, what is wrong, why it matters and what to do. The first line
 * is OmniGraph's (`ERROR code path: message`), so that scripts that look for it keep working (spec/cluster 13.2).
 */
import type { Diagnostic, Severity } from "../../lib/diagnostic/diagnostic.ts";
import type { Style } from "../style.ts";
import { printableFields } from "./printable.ts";

/** Diagnostics of one code that are listed; the rest are counted. Consequences of one cause are rarely read twice. */
const LISTED_MAX: Readonly<Record<Severity, number>> = { error: 40, warning: 4 };

/** Errors first, then warnings, each in the order of emission; equal advice is given once. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style): readonly string[] {
  const shown = printableFields(diagnostics);
  const errors = shown.filter((each) => each.severity === "error");
  const warnings = shown.filter((each) => each.severity === "warning");
  const advised = new Set<string>();
  return [...renderSeverity(errors, style, advised), ...renderSeverity(warnings, style, advised)];
}

/** Equal severity; what is left out is said at the end, by code. */
function renderSeverity(
  diagnostics: readonly Diagnostic[],
  style: Style,
  advised: Set<string>,
): readonly string[] {
  const seen = new Map<string, number>();
  const lines = diagnostics.flatMap((each) => {
    const number = (seen.get(each.code) ?? 0) + 1;
    seen.set(each.code, number);
    return number > LISTED_MAX[each.severity] ? [] : renderDiagnostic(each, style, advised);
  });
  const severity = diagnostics[0]?.severity ?? "error";
  const more = [...seen]
    .map(([code, number]) => ({ code, hidden: number - LISTED_MAX[severity] }))
    .filter(({ hidden }) => hidden > 0)
    .map(({ code, hidden }) => `      ... and ${hidden} more ${code}; --json lists all of them`);
  return [...lines, ...more];
}

function renderDiagnostic(each: Diagnostic, style: Style, advised: Set<string>): readonly string[] {
  const label = each.severity === "error" ? style.red("ERROR") : style.yellow("WARN ");
  const rule = each.rule === undefined ? "" : ` [${each.rule}]`;
  const head = `${label} ${style.bold(each.code)}${rule} ${each.path}: ${each.message}`;
  const at = each.source;
  const place = at === undefined ? [] : [`      ${style.cyan(`${at.file}:${at.line}:${at.column}`)}`];
  const advice = `${each.why}\0${each.fix}`;
  if (advised.has(advice)) return [head, ...place];
  advised.add(advice);
  return [head, ...place, style.dim(`      why: ${each.why}`), `      fix: ${each.fix}`];
}
