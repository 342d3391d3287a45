/** Cases that ask the query parser only: text in, accepted or refused. */
import { displaySyntaxError } from "../../../lib/query/display-error.ts";
import { parseQueryFile } from "../../../lib/query/parse.ts";
import { compareErrors, type ErrorExpectations } from "../error-expectations.ts";
import type { RunCase } from "../family.ts";

interface ParserCase extends ErrorExpectations {
  readonly id: string;
  readonly query: string;
  readonly expect: "accept" | "reject";
  readonly error_has_span?: boolean;
}

export const runCase: RunCase = async (testCase) => {
  const { query, expect, error_has_span, ...expected } = testCase as unknown as ParserCase;
  const parsed = parseQueryFile(query, "case.gq");
  if (parsed.tag === "parsed") {
    return expect === "accept"
      ? { tag: "passed" }
      : { tag: "failed", detail: "expected a syntax error, and the text was accepted" };
  }
  const errors = parsed.diagnostics.map(displaySyntaxError);
  if (expect === "accept")
    return { tag: "failed", detail: `expected no error, and saw: ${errors.join(" | ")}` };
  if (error_has_span === true && parsed.diagnostics.some((each) => each.source === undefined)) {
    return { tag: "failed", detail: "an error has no position" };
  }
  return compareErrors(errors, expected);
};
