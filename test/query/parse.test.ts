/** The grammar (spec/query 1 to 3): what is read, how it is read, and what a syntax error says. */
import { describe, expect, it } from "vitest";
import type { Clause, Expression, Literal, ReadBody } from "../../lib/query/ast.ts";
import { NESTING_LEVELS_MAX, QUERY_FILE_CHARACTERS_MAX } from "../../lib/query/limits.ts";
import { parseQueryFile } from "../../lib/query/parse.ts";
import { QueryGrammar } from "../../lib/query/query-grammar.ts";
import { SYNTAX_MESSAGES } from "../../lib/query/syntax-message.ts";
import { changing, parseOne, reading, returning } from "./library.ts";

function bodyOf(source: string): ReadBody {
  const { body } = parseOne(source);
  if (body.kind === "mutation") throw new Error("the query reads");
  return body;
}

function clausesOf(match: string): readonly Clause[] {
  return bodyOf(reading(match)).match;
}

function projected(expression: string): Expression {
  return bodyOf(returning(expression)).projections[0]!.expression;
}

function problemsOf(source: string): readonly string[] {
  const parsed = parseQueryFile(source, "f.gq");
  if (parsed.tag === "parsed") return [];
  return parsed.diagnostics.map(
    ({ code, source: at, message }) => `${code} ${at?.line}:${at?.column} ${message}`,
  );
}

describe("the grammar itself", () => {
  it("has no conflict, no left recursion and no rule without a use", () => {
    expect(() => new QueryGrammar({ skipValidations: false, messages: SYNTAX_MESSAGES })).not.toThrow();
  });
});

describe("files", () => {
  it.each(["", " \n\t\r", "// nothing\n", "/* nothing\n at all */"])("reads %j as zero queries", (source) => {
    expect(parseQueryFile(source, "f.gq")).toEqual({ tag: "parsed", queries: [] });
  });

  it("reads all queries of a file in order, with their descriptions", () => {
    const source = `
      query first() @description("One.") @instruction("Use it.") { match { $m: Member } return { $m.email } }
      // in between
      query second($a: [I32], $b: Vector( 3 )?) { delete Member where age > $a }`;
    const parsed = parseQueryFile(source, "f.gq");

    expect(parsed.tag === "parsed" && parsed.queries.map(({ name }) => name.text)).toEqual([
      "first",
      "second",
    ]);
    expect(parsed.tag === "parsed" && parsed.queries[0]).toMatchObject({
      description: "One.",
      instruction: "Use it.",
    });
    expect(parsed.tag === "parsed" && parsed.queries[1]?.parameters).toMatchObject([
      { name: { text: "a" }, type: { base: "I32", list: true }, nullable: false },
      { name: { text: "b" }, type: { base: "Vector", dimension: 3n }, nullable: true },
    ]);
  });

  it("reserves no word", () => {
    const source = `query query($match: String) {
      match { $limit: Order { return: $match, not: true } $limit match $count $count.date = now() }
      return { $limit.order as count, date, now }
      order { count, asc desc }
      limit 3
    }`;

    expect(problemsOf(source)).toEqual([]);
  });
});

describe("clauses (spec/query 2.2)", () => {
  it.each([
    ["$a: Member", "binding"],
    ['$a: Member { email: "x", age: 3, }', "binding"],
    ["$a follows $b", "traversal"],
    ["$a <follows> $b", "traversal"],
    ["$a $e: follows $b", "traversal"],
    ["$a $e:<follows>{1,2} $b", "traversal"],
    ["$a contains $b", "traversal"],
    ["$a starts_with $b", "traversal"],
    ["$a < $b", "filter"],
    ["$a.age < $b.age", "filter"],
    ["$a.nicknames contains $b", "filter"],
    ['"abc" contains $b', "filter"],
    ['search($a.email, "x")', "filter"],
    ['bm25($a.email, "x") > 1', "filter"],
    ["not { $a follows $b }", "negation"],
  ])("reads `%s` as a %s", (text, kind) => {
    expect(clausesOf(text).map((clause) => clause.kind)).toEqual([kind]);
  });

  it("needs nothing between clauses", () => {
    const kinds = clausesOf("$a: Member $a follows $b $b.age > $a.age not { $a borrows $_ } $c: Book").map(
      ({ kind }) => kind,
    );

    expect(kinds).toEqual(["binding", "traversal", "filter", "negation", "binding"]);
  });

  it("takes a text search alone as a comparison with true", () => {
    expect(clausesOf('fuzzy($a.email, "x", 2)')[0]).toMatchObject({
      kind: "filter",
      left: { kind: "text", function: "fuzzy", edits: { kind: "integer", value: 2n } },
      op: "=",
      right: { kind: "boolean", value: true },
    });
  });

  it.each([
    ["$a follows $b", null],
    ["$a follows{2,5} $b", { min: 2, max: 5 }],
    ["$a follows{1,} $b", { min: 1, max: null }],
  ])("reads the bounds of `%s`", (text, bounds) => {
    const clause = clausesOf(text)[0];

    expect(clause?.kind === "traversal" && clause.bounds).toEqual(bounds && expect.objectContaining(bounds));
  });
});

describe("expressions", () => {
  it.each<[string, Partial<Literal>]>([
    ['"a\\n\\"b\\"\\\\ \\r\\t"', { kind: "string", value: 'a\n"b"\\ \r\t' }],
    ['"two\nlines"', { kind: "string", value: "two\nlines" }],
    ["9223372036854775807", { kind: "integer", value: 9_223_372_036_854_775_807n, signed: false }],
    ["-9223372036854775808", { kind: "integer", value: -9_223_372_036_854_775_808n, signed: true }],
    ["00.50", { kind: "float", value: 0.5 }],
    ["true", { kind: "boolean", value: true }],
    ['date("2024-01-01")', { kind: "date", value: "2024-01-01" }],
    ['datetime ( "x" )', { kind: "datetime", value: "x" }],
    ["[]", { kind: "list", items: [] }],
  ])("reads the literal %s", (text, literal) => {
    expect(projected(text)).toMatchObject(literal);
  });

  it("keeps commas between projections optional", () => {
    const { projections } = bodyOf(returning("$m.email as mail $b.isbn, count($m)"));

    expect(projections.map(({ expression, alias }) => [expression.kind, alias?.text])).toEqual([
      ["property", "mail"],
      ["property", undefined],
      ["aggregate", undefined],
    ]);
  });

  it("reads order, direction and limit", () => {
    const body = bodyOf(
      returning("$m.email", "order { $m.age desc, $m.email asc, email } limit 18446744073709551615"),
    );

    expect(body.order.map(({ descending }) => descending)).toEqual([true, false, false]);
    expect(body.limit).toBe(18_446_744_073_709_551_615n);
  });

  it("reads words only up to their end (spec/query 2.3)", () => {
    const { projections } = bodyOf(returning("trueish, $m.age asia"));

    expect(projections.map(({ expression }) => expression.kind)).toEqual(["alias", "property", "alias"]);
  });
});

describe("mutations", () => {
  it("reads statements in order, with or without commas", () => {
    const { body } = parseOne(
      changing(
        'insert Book { isbn: "1" title: $t, shelf: "travel" } update Book set { printed: now() } where isbn != "1" delete Book where isbn >= "2"',
      ),
    );

    expect(body).toMatchObject({
      kind: "mutation",
      mutations: [
        {
          kind: "insert",
          assignments: [{ property: { text: "isbn" } }, { value: { kind: "variable" } }, {}],
        },
        { kind: "update", predicate: { op: "!=" } },
        { kind: "delete", predicate: { op: ">=" } },
      ],
    });
  });
});

describe("syntax errors", () => {
  it.each([
    [
      "a name of another case",
      "query Foo() { match { $p: P } return { $p } }",
      "1:7 expected a name but found `Foo`",
    ],
    ["a type in lower case", reading("$m: member"), "type names begin with an upper-case letter"],
    ["an edge in upper case", reading("$m: Member $m Borrows $b"), "`Borrows` does not"],
    ["empty braces", reading("$m: Member { }"), "leave the empty braces out"],
    ["a comma between clauses", reading("$m: Member, $b: Book"), "not separated by commas"],
    ["no comma between matches", reading("$m: Member { age: 1 email: 2 }"), "expected `}` but found `email`"],
    ["one bound", reading("$m follows{2} $f"), "write both bounds"],
    ["null as a value", reading("$m: Member { age: null }"), "there is no null literal"],
    ["a lonely variable", reading("$m"), "expected a comparison or an edge"],
    ["a lonely score", reading('bm25($m.email, "x")'), "expected a comparison or an edge"],
    ["not as an edge", reading("$m not_follows $f"), "`not_follows` cannot be an edge name"],
    ["a leading dot", reading("$m.age = .5"), "expected an expression but found `.`"],
    ["an exponent", reading("$m.age = 1.5e3"), "`1.5e3` is not a number"],
    ["a variable in upper case", reading("$M: Member"), "`$M` is not a variable"],
    ["a foreign character", reading("$m: Member # note"), "`#` is not part of the query language"],
    ["an open string", reading('$m.email = "abc'), "never closed"],
    ["an open comment", `${reading("$m: Member")} /* abc`, "never closed"],
    [
      "an unknown annotation",
      'query q() @summary("x") { match { $m: Member } return { $m } }',
      "`@summary` is not an annotation",
    ],
    [
      "a limit before the order",
      returning("$m.email", "limit 3 order { $m.email }"),
      "`order` comes before `limit`",
    ],
    [
      "a direction of nearest",
      returning("$m.email", "order { nearest($b.taste, $v) desc } limit 3"),
      "takes no direction",
    ],
    [
      "a comma after the last order key",
      returning("$m.email", "order { $m.email, }"),
      "expected an expression but found `}`",
    ],
    [
      "a comma after the last parameter",
      "query q($a: I32,) { match { $m: Member } return { $m } }",
      "expected a variable",
    ],
    [
      "a direction that is none",
      returning("$m.email", "order { $m.email descending }"),
      "found `descending`",
    ],
    [
      "a read that changes",
      "query q() { match { $m: Member } return { $m } delete Member where age = 1 }",
      "one query either reads or changes",
    ],
    ["contains in a predicate", changing('delete Member where email contains "x"'), "expected one of `=`"],
    [
      "an unknown parameter type",
      "query q($a: Text) { match { $m: Member } return { $m } }",
      "`Text` is not a parameter type",
    ],
    [
      "a vector without a dimension",
      "query q($a: Vector) { match { $m: Member } return { $m } }",
      "write its dimension",
    ],
    ["an end that is missing", "query q() { match { $m: Member } return { $m }", "found the end of the file"],
    [
      "words glued together",
      "queryq() { match { $m: Member } return { $m } }",
      "expected `query` but found `queryq`",
    ],
  ])("says what is wrong about %s", (_what, source, text) => {
    const problems = problemsOf(source);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^query_syntax \d+:\d+ /);
    expect(problems[0]?.replace("query_syntax ", "")).toContain(text);
  });

  it.each([
    ["query_string_escape", reading('$m.email = "a\\q"'), "1:34"],
    ["query_integer_range", reading("$m.age = 9223372036854775808"), "1:30"],
    ["query_limit_range", returning("$m", "limit 18446744073709551616"), "1:79"],
    ["query_hop_bound_range", reading("$m follows{1,4294967296} $f"), "1:34"],
    [
      "query_duplicate_annotation",
      'query q() @instruction("a") @instruction("b") { match { $m: Member } return { $m } }',
      "1:29",
    ],
  ])("refuses with %s and the place (spec/query 3.2)", (code, source, place) => {
    expect(problemsOf(source)).toHaveLength(1);
    expect(problemsOf(source)[0]).toContain(`${code} ${place}`);
  });

  it("reports the first error of every query, at its own line", () => {
    const source = [
      "query a() { match { $m: } return { $m } }",
      "query b() { match { $m: Member } return { $m } }",
      "query c() { match { $m: Member } return { , } }",
      "query d() { match { $m: Member } return { $m } limit }",
    ].join("\n");

    expect(problemsOf(source).map((problem) => problem.split(" ")[1])).toEqual(["1:25", "3:43", "4:54"]);
  });

  it("refuses brackets that are nested too deeply instead of overflowing", () => {
    const deep = NESTING_LEVELS_MAX + 1;

    expect(problemsOf(reading(`$m.age = ${"[".repeat(deep)}`))).toEqual([
      expect.stringContaining("levels deep"),
    ]);
    expect(problemsOf("not {".repeat(100_000))).toEqual([expect.stringContaining("levels deep")]);
  });

  it("reads long numbers, strings and comments without effort", () => {
    const long = 1_000_000;

    expect(problemsOf(reading(`$m.age = ${"9".repeat(long)}`))).toEqual([
      expect.stringContaining("query_integer_range"),
    ]);
    expect(problemsOf(reading(`$m.age = ${"0".repeat(long)}7`))).toEqual([]);
    expect(problemsOf(reading(`$m.email = "${'a\\"'.repeat(long / 4)}" /* ${"*".repeat(long)} */`))).toEqual(
      [],
    );
    expect(problemsOf(reading("$m: Member ".repeat(long / 50)))).toEqual([]);
  });

  it("refuses a file that is too long", () => {
    const parsed = parseQueryFile(" ".repeat(QUERY_FILE_CHARACTERS_MAX + 1), "f.gq");

    expect(parsed.tag === "invalid" && parsed.diagnostics.map(({ code }) => code)).toEqual([
      "query_file_too_large",
    ]);
  });
});
