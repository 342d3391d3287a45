/**
 * A Reporter collects the diagnostics of one schema text, so that all of them are told at once
 * (spec/schema 10.1).
 *
 * Guarantees: at most one diagnostic of a code at a place, because a fault of an interface property shows again in
 * every node that implements it; at most SCHEMA_DIAGNOSTICS_MAX errors and as many warnings, counted apart so that
 * warnings never crowd out an error; ordered by place.
 */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { SCHEMA_DIAGNOSTICS_MAX } from "./limits.ts";

/** Where a diagnostic points; a Word is one. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Reporter {
  readonly report: (code: DiagnosticCode, at: Place, message: string) => void;
  readonly failed: () => boolean;
  /** True once no further error would be kept. */
  readonly full: () => boolean;
  readonly diagnostics: () => readonly Diagnostic[];
}

export function createReporter(file: string): Reporter {
  const found = { error: new Map<string, Diagnostic>(), warning: new Map<string, Diagnostic>() };
  return {
    report(code, at, message) {
      const source = { file, line: at.line, column: at.column };
      const each = diagnostic(code, { path: "", message, source });
      const key = `${at.line}:${at.column}:${code}`;
      const kept = found[each.severity];
      if (!kept.has(key) && kept.size < SCHEMA_DIAGNOSTICS_MAX) kept.set(key, each);
    },
    full: () => found.error.size >= SCHEMA_DIAGNOSTICS_MAX,
    failed: () => found.error.size > 0,
    diagnostics: () => [...found.error.values(), ...found.warning.values()].sort(byPlace),
  };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  const [left, right] = [a.source, b.source];
  if (!left || !right) return 0;
  return left.line - right.line || left.column - right.column;
}
