/** The linter (spec/query 8.1) and the rules that only Graphform has (W-27). */
import { describe, expect, it } from "vitest";
import { type LintOutput, lintQueryFile } from "../../lib/query/lint.ts";
import { changing, library, reading, returning } from "./library.ts";

function lint(source: string, rules: "reference" | "all" = "reference"): LintOutput {
  const schemaSource = { kind: "file", path: "library.pg" } as const;
  return lintQueryFile({ catalog: library, source, file: "library.gq", schemaSource, rules });
}

function codesOf(output: LintOutput): readonly string[] {
  return output.findings.map(({ severity, code }) => `${severity} ${code}`);
}

describe("the linter as the reference has it", () => {
  it("answers a file that does not parse with one finding Q000 and nothing else", () => {
    const output = lint("query a( { }\nquery b( { }");

    expect(output).toMatchObject({
      status: "error",
      queries_processed: 0,
      errors: 1,
      warnings: 0,
      infos: 0,
      results: [],
    });
    expect(codesOf(output)).toEqual(["error Q000"]);
  });

  it("reports each query by itself: an error without an operation, an operation without an error", () => {
    const output = lint(
      `${reading("$m: Member").replace("q(", "good(")} ${reading("$m: Reader").replace("q(", "bad(")}`,
    );

    expect(output).toMatchObject({
      status: "error",
      errors: 1,
      queries_processed: 2,
      query_path: "library.gq",
    });
    expect(output.results[0]).toMatchObject({
      name: "good",
      kind: "read",
      status: "ok",
      operation: { writes: [] },
    });
    expect(output.results[0]).not.toHaveProperty("error");
    expect(output.results[1]).toMatchObject({ name: "bad", status: "error" });
    expect(output.results[1]?.error).toMatch(/^type error: T1: /);
    expect(output.results[1]).not.toHaveProperty("operation");
  });

  it("warns of a mutation without parameters, even of one that fails", () => {
    const output = lint(
      `${changing('insert Branch { town: "a" }')} ${changing("insert Nothing { town: 1 }")}`,
    );

    expect(output.results.map(({ warnings }) => warnings?.length)).toEqual([1, 1]);
    expect(output.warnings).toBe(2);
    expect(lint(changing("insert Branch { town: $t }", "$t: String")).results[0]).not.toHaveProperty(
      "warnings",
    );
  });

  it("finds L201 for each nullable property that no update assigns, except keys and embed targets", () => {
    const output = lint(
      `query b($i: String) { update Book set { printed: date("2024-01-01") } where isbn = $i }
       query a($i: String) { update Book set { title: "x" } where isbn = $i }`,
    );

    expect(output.findings).toMatchObject([
      { code: "L201", severity: "warning", type_name: "Book", property: "blurb", query_names: ["a", "b"] },
      { code: "L201", severity: "warning", type_name: "Book", property: "cover", query_names: ["a", "b"] },
    ]);
    expect(output.status).toBe("ok");
  });

  it("finds no L201 for a type that no valid query updates", () => {
    expect(lint(changing("insert Branch { town: $t }", "$t: String")).findings).toEqual([]);
    expect(lint(changing('update Book set { nothing: "x" } where isbn = $i', "$i: String")).findings).toEqual(
      [],
    );
  });
});

describe("the linter with all rules", () => {
  it.each([
    ["info query_no_limit", reading("$m: Member")],
    ["info query_hops_many", reading("$m: Member  $m follows{1,9} $f")],
    ["warning query_cross_product", reading('$m: Member  $b: Book  $b.title = "x"')],
    ["warning query_hardcoded_mutation", changing('insert Branch { town: "a" }')],
    ["info query_write_without_key", changing("insert Visit { note: $n }", "$n: String")],
    ["info query_write_without_key", changing("delete Member where age > $n", "$n: I32")],
    ["info query_unindexed_search", reading('$b: Book  search($b.blurb, "x")')],
    ["info query_enum_parameter", reading("$b: Book { shelf: $s }", "$s: String")],
    ["info query_enum_parameter", changing('update Book set { shelf: $s } where isbn = "1"', "$s: String")],
    ["warning query_unused_parameter", reading("$m: Member", "$a: I32")],
    ["error query_duplicate_name", `${reading("$m: Member")} ${reading("$m: Member")}`],
    ["error T1", reading("$m: Reader")],
    ["error Q000", "query q( {"],
  ])("finds %s", (finding, source) => {
    const output = lint(source, "all");

    expect(codesOf(output)).toContain(finding);
    expect(output.findings.every(({ code, line }) => code === "L201" || line === 1)).toBe(true);
  });

  it.each([
    ["query_no_limit", reading('$m: Member { email: "a" }')],
    ["query_no_limit", returning("count($m) as n")],
    ["query_no_limit", returning("$m.email", "limit 3")],
    ["query_cross_product", reading("$m: Member  $b: Book  $b.title = $m.email")],
    ["query_cross_product", reading("$m: Member  $b: Book  $m borrows $b")],
    ["query_write_without_key", changing("delete Member where email = $n", "$n: String")],
    ["query_unindexed_search", reading('$b: Book  search($b.title, "x")')],
  ])("finds no %s in `%s`", (code, source) => {
    expect(lint(source, "all").findings.map((finding) => finding.code)).not.toContain(code);
  });

  it("counts findings and nothing twice", () => {
    const output = lint(changing('insert Branch { town: "a" }'), "all");

    expect(codesOf(output)).toEqual(["warning query_hardcoded_mutation"]);
    expect(output).toMatchObject({ status: "ok", errors: 0, warnings: 1, infos: 0 });
  });

  it("reports every syntax error, errors before warnings before notes", () => {
    expect(codesOf(lint("query a( { }\nquery b( { }", "all"))).toEqual(["error Q000", "error Q000"]);
    const mixed = lint(
      `${reading("$m: Reader")} ${reading("$m: Member", "$a: I32").replace("q(", "r(")}`,
      "all",
    );

    expect(codesOf(mixed)).toEqual(["error T1", "warning query_unused_parameter", "info query_no_limit"]);
    expect(mixed).toMatchObject({ errors: 1, warnings: 1, infos: 1 });
  });
});
