/** Cases that check one query of a file against a schema; both parse. */
import { checkQuery } from "../../../lib/query/check.ts";
import { displayError } from "../../../lib/query/display-error.ts";
import { parseQueryFile } from "../../../lib/query/parse.ts";
import { compileSchema } from "../../../lib/schema/compile.ts";
import { compareErrors, type ErrorExpectations } from "../error-expectations.ts";
import type { CaseResult, RunCase } from "../family.ts";

interface TypecheckCase extends ErrorExpectations {
  readonly id: string;
  readonly schema: string;
  readonly query: string;
  readonly query_index: number;
  readonly expect: "accept" | "reject";
  readonly code?: string;
}

function failed(detail: string): CaseResult {
  return { tag: "failed", detail };
}

export const runCase: RunCase = async (testCase) => {
  const { schema, query, query_index, expect, code, ...expected } = testCase as unknown as TypecheckCase;
  const compiled = compileSchema(schema, "case.pg");
  if (compiled.tag === "invalid") {
    return failed(`the schema is refused: ${compiled.diagnostics.map((each) => each.message).join(" | ")}`);
  }
  const parsed = parseQueryFile(query, "case.gq");
  if (parsed.tag === "invalid") {
    return failed(`the query does not parse: ${parsed.diagnostics.map((each) => each.message).join(" | ")}`);
  }
  const declared = parsed.queries[query_index];
  if (declared === undefined) return failed(`the file has no query ${query_index}`);
  const checked = checkQuery(compiled.catalog, declared, "case.gq");
  if (checked.tag === "checked") {
    return expect === "accept"
      ? { tag: "passed" }
      : failed("expected a type error, and the query was accepted");
  }
  const errors = checked.diagnostics.map(displayError);
  if (expect === "accept") return failed(`expected no error, and saw: ${errors.join(" | ")}`);
  const first = checked.diagnostics[0]?.code;
  if (code !== undefined && first !== code)
    return failed(`expected ${code} first, and saw: ${errors.join(" | ")}`);
  return compareErrors(errors, expected);
};
