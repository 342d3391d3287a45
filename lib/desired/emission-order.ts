/**
 * The order in which the diagnostics of a config are listed (spec/cluster 2: order of emission).
 *
 * Guarantees: what OmniGraph says too comes first, in its order, so that a program that looks at the first diagnostic
 * finds the same one; warnings that only Graphform gives follow, in the order in which they were found.
 */
import type { Diagnostic, DiagnosticCode } from "../diagnostic/diagnostic.ts";

const SHARED_WARNINGS: ReadonlySet<DiagnosticCode> = new Set<DiagnosticCode>([
  "query_dir_empty",
  "query_typecheck_skipped",
]);

/** `found` with our own warnings last. */
export function ownWarningsLast(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...found.filter((each) => !isOwnWarning(each)), ...found.filter(isOwnWarning)];
}

function isOwnWarning({ code, severity }: Diagnostic): boolean {
  return severity === "warning" && !SHARED_WARNINGS.has(code);
}
