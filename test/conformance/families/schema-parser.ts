/**
 * Conformance family `schema_parser`: schema texts and whether the parser, or the catalog behind it, takes them.
 *
 * A case that says `error_has_span: false` demands nothing: here every error has a place. Facts of these cases follow internal structures of the reference and are not compared. Of a list of errors it is
 * enough that all of them together hold the wanted texts, because Graphform reports every error at once.
 */
import type { Diagnostic } from "../../../lib/diagnostic/diagnostic.ts";
import { compileSchema, parseSchema } from "../../../lib/schema/compile.ts";
import type { CaseResult, ConformanceCase, RunCase } from "../family.ts";

interface SchemaCase extends ConformanceCase {
  readonly schema: string;
  readonly stage: "parse" | "catalog";
  readonly api: string;
  readonly expect: "accept" | "reject";
  readonly error_contains?: readonly string[];
  readonly error_contains_any?: readonly string[];
  readonly error_equals?: string;
  readonly error_has_span?: boolean;
}

const FILE = "schema.pg";

export const runCase: RunCase = async (testCase) => judge(testCase as SchemaCase);

function judge(testCase: SchemaCase): CaseResult {
  const errors = errorsOf(testCase);
  if (testCase.expect === "accept")
    return errors === null ? passed() : failed(`accepted, got ${render(errors)}`);
  if (errors === null) return failed("an error, got none");
  const text = render(errors);
  const folded = text.toLowerCase();
  const missing = (testCase.error_contains ?? []).filter((each) => !folded.includes(each.toLowerCase()));
  if (missing.length > 0) return failed(`${missing.join(" and ")} in the error, got ${text}`);
  const any = testCase.error_contains_any;
  if (any && !any.some((each) => folded.includes(each.toLowerCase())))
    return failed(`one of ${any.join(", ")} in the error, got ${text}`);
  if (testCase.error_equals !== undefined && folded !== testCase.error_equals.toLowerCase())
    return failed(`${testCase.error_equals}, got ${text}`);
  if (testCase.error_has_span === true && !errors.some((each) => each.source))
    return failed("an error with a place, got none");
  return passed();
}

/** Null if the text is taken at the stage that the case asks for. */
function errorsOf(testCase: SchemaCase): readonly Diagnostic[] | null {
  const leniency = { uniqueBlobs: testCase.api === "parse_persisted_schema_contract" };
  const parsed = parseSchema(testCase.schema, FILE, leniency);
  if (parsed.tag === "invalid") return onlyErrors(parsed.diagnostics);
  if (testCase.stage === "parse") return null;
  const compiled = compileSchema(testCase.schema, FILE);
  return compiled.tag === "invalid" ? onlyErrors(compiled.diagnostics) : null;
}

function onlyErrors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((each) => each.severity === "error");
}

function render(errors: readonly Diagnostic[]): string {
  return errors.map((each) => `parse error: ${each.message}`).join("\n");
}

function passed(): CaseResult {
  return { tag: "passed" };
}

function failed(detail: string): CaseResult {
  return { tag: "failed", detail: `expected ${detail}` };
}
