/** Cases that lint one query file against a schema and pin the output. */
import { type LintOutput, lintQueryFile } from "../../../lib/query/lint.ts";
import { compileSchema } from "../../../lib/schema/compile.ts";
import { type CaseFact, factProblems } from "../case-fact.ts";
import type { RunCase } from "../family.ts";

interface LintCase {
  readonly id: string;
  readonly schema: string;
  readonly query: string;
  readonly findings_count: number | null;
  readonly codes: readonly string[] | null;
  readonly codes_include: readonly string[];
  readonly facts: readonly CaseFact[];
}

/** The reference's cases look at its values before absent members are left out of the JSON. */
function withAbsentMembers(output: LintOutput): unknown {
  const results = output.results.map((result) => ({
    ...result,
    warnings: result.warnings ?? [],
    operation: result.operation && {
      ...result.operation,
      result: result.operation.result.map((field) => ({ item_kind: null, vector_dim: null, ...field })),
    },
  }));
  return { ...output, results };
}

function problemsOf(output: LintOutput, expected: LintCase): readonly string[] {
  const codes: readonly string[] = output.findings.map(({ code }) => code);
  const problems = factProblems(withAbsentMembers(output), expected.facts);
  const { findings_count: count } = expected;
  if (count !== null && output.findings.length !== count) problems.push(`expected ${count} findings`);
  if (expected.codes !== null && expected.codes.join() !== codes.join()) {
    problems.push(`expected the codes ${expected.codes.join()}, saw ${codes.join()}`);
  }
  for (const code of expected.codes_include) {
    if (!codes.includes(code)) problems.push(`expected the code ${code}, saw ${codes.join()}`);
  }
  return problems;
}

export const runCase: RunCase = async (testCase) => {
  const expected = testCase as unknown as LintCase;
  const compiled = compileSchema(expected.schema, "case.pg");
  if (compiled.tag === "invalid") {
    return {
      tag: "failed",
      detail: `the schema is refused: ${compiled.diagnostics.map((each) => each.message)}`,
    };
  }
  const output = lintQueryFile({
    catalog: compiled.catalog,
    source: expected.query,
    file: "case.gq",
    schemaSource: { kind: "file", path: "case.pg" },
    rules: "reference",
  });
  const problems = problemsOf(output, expected);
  return problems.length === 0 ? { tag: "passed" } : { tag: "failed", detail: problems.join("; ") };
};
