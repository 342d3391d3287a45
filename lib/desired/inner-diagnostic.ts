/** How the diagnostics of a language checker become diagnostics of the config (spec/cluster 2.1). */
import { type Diagnostic, type DiagnosticCode, wrapDiagnostic } from "../diagnostic/diagnostic.ts";

/**
 * Errors take the code and the path of the place that names the file and keep their own code as `rule`; warnings stay
 * what they are and only get the path. Positions are kept.
 */
export function placeInner(
  inner: readonly Diagnostic[],
  code: DiagnosticCode,
  path: string,
): readonly Diagnostic[] {
  return inner.map((each) =>
    each.severity === "error" ? wrapDiagnostic(each, code, path) : { ...each, path },
  );
}
