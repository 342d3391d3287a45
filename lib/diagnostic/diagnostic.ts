/**
 * A Diagnostic is one thing that Graphform tells a person or a program: what is wrong (or worth knowing), where,
 * why it matters, and what to do.
 *
 * Guarantees: pure data. `code` is stable for ever and comes from the catalogue; `path` has the flavour that
 * spec/cluster 2 gives for the code; `message` says what is wrong in a full sentence and may name things.
 * `rule` is the finer rule behind a code that covers many (`query_typecheck_error` / `T7`).
 */
import { CATALOGUE } from "./catalogue.ts";

export type DiagnosticCode = keyof typeof CATALOGUE;
export type Severity = "error" | "warning";

/** A place in a source file. Lines and columns count from 1; columns count UTF-16 code units, as editors do. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly path: string;
  readonly message: string;
  readonly rule?: DiagnosticCode;
  readonly source?: SourcePosition;
  /** Why it matters; from the catalogue unless given. */
  readonly why: string;
  /** What to do; from the catalogue unless given. */
  readonly fix: string;
}

export interface DiagnosticFacts {
  readonly path: string;
  readonly message: string;
  readonly rule?: DiagnosticCode | undefined;
  readonly source?: SourcePosition | undefined;
  readonly why?: string | undefined;
  readonly fix?: string | undefined;
  /** Only where spec/cluster 2 gives one code two severities. */
  readonly severity?: Severity | undefined;
}

/** Builds a diagnostic; severity, why and fix default to the catalogue's entry for `code`. */
export function diagnostic(code: DiagnosticCode, facts: DiagnosticFacts): Diagnostic {
  const entry = CATALOGUE[code];
  return {
    code,
    severity: facts.severity ?? entry.severity,
    path: facts.path,
    message: facts.message,
    ...(facts.rule === undefined ? {} : { rule: facts.rule }),
    ...(facts.source === undefined ? {} : { source: facts.source }),
    why: facts.why ?? entry.why,
    fix: facts.fix ?? entry.fix,
  };
}

/** True if at least one diagnostic is an error; a command's `ok` is the opposite (spec/cluster 2). */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === "error");
}

/**
 * The diagnostic of a language checker under the code of the layer that reports it: the finer code becomes
 * `rule`, position, message, why and fix stay.
 */
export function wrapDiagnostic(inner: Diagnostic, code: DiagnosticCode, path: string): Diagnostic {
  return { ...inner, code, path, rule: inner.code, severity: CATALOGUE[code].severity };
}
