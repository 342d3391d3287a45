/**
 * The linter of one `.gq` file (spec/query 8.1).
 *
 * Guarantees: pure and total. With `rules: "reference"` the output is what OmniGraph's linter gives. With
 * `rules: "all"` every error and warning of the checker is a finding with its code and place, further rules of ours
 * add findings, and `errors` and `warnings` count findings alone.
 */
import type { Diagnostic, DiagnosticCode } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import type { Catalog } from "../schema/catalog.ts";
import type { QueryAst } from "./ast.ts";
import { type CheckedQuery, checkQuery } from "./check.ts";
import { displayError, displaySyntaxError } from "./display-error.ts";
import type { ResultField, TypeFact } from "./facts.ts";
import { furtherFindings, isHardcoded } from "./lint-rules.ts";
import { updatedProperties } from "./lint-updates.ts";
import { parseQueryFile } from "./parse.ts";

export type SchemaSource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "graph"; readonly uri: string };

export interface LintInput {
  readonly catalog: Catalog;
  readonly source: string;
  readonly file: string;
  readonly schemaSource: SchemaSource;
  readonly rules: "reference" | "all";
}

export type LintSeverity = "error" | "warning" | "info";

export interface LintFinding {
  readonly severity: LintSeverity;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly type_name?: string;
  readonly property?: string;
  readonly query_names?: readonly string[];
  /** Both only with `rules: "all"`. */
  readonly line?: number;
  readonly column?: number;
}

export interface LintResult {
  readonly name: string;
  readonly kind: "read" | "mutation";
  readonly status: "ok" | "error";
  readonly warnings?: readonly string[];
  readonly error?: string;
  readonly operation?: {
    readonly result: readonly ResultField[];
    readonly reads: readonly TypeFact[];
    readonly writes: readonly TypeFact[];
  };
}

export interface LintOutput {
  readonly status: "ok" | "error";
  readonly schema_source: SchemaSource;
  readonly query_path: string;
  readonly queries_processed: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly results: readonly LintResult[];
  readonly findings: readonly LintFinding[];
}

/** One query and what the checker says about it. */
export interface LintedQuery {
  readonly query: QueryAst;
  readonly checked: CheckedQuery;
}

/** Lints one file against a schema. */
export function lintQueryFile(input: LintInput): LintOutput {
  const parsed = parseQueryFile(input.source, input.file);
  if (parsed.tag === "invalid") {
    const reported = input.rules === "all" ? parsed.diagnostics : parsed.diagnostics.slice(0, 1);
    const findings = reported.map((each) => syntaxFinding(each, input.rules));
    return outputOf(input, [], findings, findings.length);
  }
  const linted = parsed.queries.map((query) => ({
    query,
    checked: checkQuery(input.catalog, query, input.file),
  }));
  const results = linted.map(resultOf);
  const neverUpdated = updatedProperties(input.catalog, linted);
  if (input.rules === "reference") {
    const failing = results.filter(({ status }) => status === "error").length;
    return outputOf(input, results, neverUpdated, failing);
  }
  const findings = [
    ...neverUpdated,
    ...linted.flatMap(checkerFindings),
    ...furtherFindings(input.catalog, linted, input.file),
  ];
  return outputOf(input, results, findings, findings.filter(({ severity }) => severity === "error").length);
}

function syntaxFinding(error: Diagnostic, rules: LintInput["rules"]): LintFinding {
  const finding = { severity: "error", code: "Q000", message: displaySyntaxError(error) } as const;
  if (rules === "reference" || error.source === undefined) return finding;
  return { ...finding, line: error.source.line, column: error.source.column };
}

const HARDCODED = "mutation declares no params; hardcoded mutations are easy to miss";

function resultOf({ query, checked }: LintedQuery): LintResult {
  const first = checked.tag === "invalid" ? checked.diagnostics[0] : undefined;
  return {
    name: query.name.text,
    kind: query.body.kind,
    status: checked.tag === "checked" ? "ok" : "error",
    ...(isHardcoded(query) ? { warnings: [HARDCODED] } : {}),
    ...(first === undefined ? {} : { error: displayError(first) }),
    ...(checked.tag === "checked"
      ? {
          operation: {
            result: checked.facts.result,
            reads: checked.facts.reads,
            writes: checked.facts.writes,
          },
        }
      : {}),
  };
}

/** What the checker says, as findings. */
function checkerFindings({ query, checked }: LintedQuery): readonly LintFinding[] {
  const diagnostics = checked.tag === "checked" ? checked.warnings : checked.diagnostics;
  return diagnostics.map((each) => ({
    severity: each.severity,
    code: each.code,
    message: each.message,
    query_names: [query.name.text],
    ...(each.source === undefined ? {} : { line: each.source.line, column: each.source.column }),
  }));
}

const SEVERITY_ORDER: Readonly<Record<LintSeverity, number>> = { error: 0, warning: 1, info: 2 };

function compareFindings(a: LintFinding, b: LintFinding): number {
  return (
    SEVERITY_ORDER[a.severity] - SEVERITY_ORDER[b.severity] ||
    compareBytes(a.type_name ?? "", b.type_name ?? "") ||
    compareBytes(a.property ?? "", b.property ?? "") ||
    compareBytes(a.message, b.message)
  );
}

function outputOf(
  input: LintInput,
  results: readonly LintResult[],
  findings: readonly LintFinding[],
  errors: number,
): LintOutput {
  const count = (severity: LintSeverity): number =>
    findings.filter((each) => each.severity === severity).length;
  const perQuery =
    input.rules === "all" ? 0 : results.reduce((sum, result) => sum + (result.warnings?.length ?? 0), 0);
  return {
    status: errors > 0 ? "error" : "ok",
    schema_source: input.schemaSource,
    query_path: input.file,
    queries_processed: results.length,
    errors,
    warnings: perQuery + count("warning"),
    infos: count("info"),
    results,
    findings: [...findings].sort(compareFindings),
  };
}
