/** No code of the checker is without an example. */
import { describe, expect, it } from "vitest";
import { QUERY_RULE_CODES } from "../../lib/diagnostic/catalogue/query-rule.ts";
import { QUERY_TYPE_CODES } from "../../lib/diagnostic/catalogue/query-type.ts";
import { TYPE_ERRORS } from "./examples.ts";
import { RULE_ERRORS, WARNINGS } from "./rule-examples.ts";

describe("the codes of the query checker", () => {
  it("all have an example of their severity", () => {
    const shown = new Set([...TYPE_ERRORS, ...RULE_ERRORS, ...WARNINGS].map(({ code }) => code));

    expect([...shown].sort()).toEqual(
      [...Object.keys(QUERY_TYPE_CODES), ...Object.keys(QUERY_RULE_CODES)].sort(),
    );
  });

  it("are warnings exactly where an example is accepted", () => {
    const warnings = Object.entries(QUERY_RULE_CODES).filter(([, entry]) => entry.severity === "warning");

    expect(warnings.map(([code]) => code).sort()).toEqual(
      [...new Set(WARNINGS.map(({ code }) => code))].sort(),
    );
  });
});
