/**
 * Diagnostics for people: one block each, with the place, what is wrong, why it matters and what to do. The first line
 * is OmniGraph's (`ERROR code path: message`), so that scripts that look for it keep working (spec/cluster 13.2).
 */
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { Style } from "../style.ts";

/** Errors first, then warnings, each in the order of emission; equal advice is given once. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style): readonly string[] {
  const errors = diagnostics.filter((each) => each.severity === "error");
  const warnings = diagnostics.filter((each) => each.severity === "warning");
  const advised = new Set<string>();
  return [...errors, ...warnings].flatMap((each) => renderDiagnostic(each, style, advised));
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
