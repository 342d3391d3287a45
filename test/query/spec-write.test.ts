/** The rules of mutations and of parameter values, row by row: the code that comes first, or none (spec/query 6, 10). */
import { describe, expect, it } from "vitest";
import type { QueryParameter } from "../../lib/query/facts.ts";
import { decodeParameters } from "../../lib/query/parameters.ts";
import { changing, check, codesOf, errorsOf } from "./library.ts";

type Row = readonly [rule: string, code: string, what: string, query: string];

const setMember = (assignment: string, parameters = ""): string =>
  changing(`update Member set { ${assignment} } where email = "a"`, parameters);
const deleteMember = (predicate: string, parameters = ""): string =>
  changing(`delete Member where ${predicate}`, parameters);

const STATEMENTS: readonly Row[] = [
  [
    "6.1",
    "T13",
    "a property twice in an unknown type",
    changing("update Ghost set { a: 1, a: 2 } where b = 1"),
  ],
  ["6.1", "T10", "an insert of an unknown type", changing("insert Ghost { a: 1 }")],
  ["6.1", "T10", "an update of an unknown type", changing("update Ghost set { a: 1 } where b = 1")],
  ["6.1", "T10", "a delete of an unknown type", changing("delete Ghost where a = 1")],
  ["6.1", "T16", "an update of an edge", changing('update Follows set { closeness: 1.0 } where from = "a"')],
  ["6.1", "ok", "an insert of a node", changing('insert Visit { note: "x" }')],
  ["6.1", "T11", "an unknown property of a node", changing('insert Visit { note: "x", when: now() }')],
  ["6.1", "T11", "an unknown property of an edge", changing('insert Follows { from: "a", to: "b", x: 1 }')],
  ["6.1", "T12", "a required property that is left out", changing('insert Book { isbn: "1" }')],
  ["6.1", "T12", "a vector and its text that are left out", changing("insert Poem { mood: [1, 2] }")],
  ["6.1", "ok", "a vector that is left out beside its text", changing('insert Poem { text: "x" }')],
  ["6.1", "T12", "an edge without a source", changing('insert Follows { to: "b" }')],
  [
    "6.1",
    "ok",
    "an edge with both ends and a property",
    changing('insert Follows { from: "a", to: "b", closeness: 0.5 }'),
  ],
  ["6.1", "T3", "an end that is a number", changing('insert Follows { from: 1, to: "b" }')],
  [
    "6.1",
    "T7",
    "an end that is a parameter of numbers",
    changing('insert Follows { from: $a, to: "b" }', "$a: I64"),
  ],
  ["6.1", "T14", "a value that is not declared", setMember("age: $x")],
  ["6.1", "T14", "a predicate that is not declared", deleteMember("age = $x")],
  ["6.1", "T3", "a text in a Blob", changing('update Book set { cover: "x" } where isbn = "1"')],
  [
    "6.1",
    "ok",
    "a text parameter in a Blob",
    changing("update Book set { cover: $c } where isbn = $c", "$c: String"),
  ],
  [
    "6.1",
    "ok",
    "a Blob parameter in a Blob",
    changing('update Book set { cover: $c } where isbn = "1"', "$c: Blob"),
  ],
  [
    "6.1",
    "T7",
    "a number parameter in a Blob",
    changing('update Book set { cover: $c } where isbn = "1"', "$c: I32"),
  ],
  [
    "6.1",
    "T7",
    "a list of texts in a Blob",
    changing('update Book set { cover: $c } where isbn = "1"', "$c: [String]"),
  ],
  ["6.1", "T7", "the time in a text", setMember("nicknames: now()")],
  ["6.1", "ok", "the time in an instant", setMember("joined: now()")],
  [
    "6.1",
    "T3",
    "a value that the enum does not have",
    changing('update Book set { shelf: "crime" } where isbn = "1"'),
  ],
  [
    "6.1",
    "ok",
    "a text parameter for an enum",
    changing('update Book set { shelf: $s } where isbn = "1"', "$s: String"),
  ],
  [
    "6.1",
    "T3",
    "a plain text for a day",
    changing('update Book set { printed: "2024-01-01" } where isbn = "1"'),
  ],
  ["6.1", "T3", "an empty list for numbers (W-14)", setMember("marks: []")],
  ["6.1", "ok", "an empty list for texts", setMember("nicknames: []")],
  ["6.1", "T3", "one text for a list", setMember('nicknames: "k"')],
  ["6.1", "T3", "a vector that is too short", changing('update Book set { taste: [1] } where isbn = "1"')],
  [
    "6.1",
    "ok",
    "a vector parameter",
    changing('update Book set { taste: $v } where isbn = "1"', "$v: Vector(3)"),
  ],
  [
    "6.1",
    "T7",
    "a vector parameter of another length",
    changing('update Book set { taste: $v } where isbn = "1"', "$v: Vector(2)"),
  ],
  ["6.1", "T11", "a predicate on an unknown property", deleteMember("x = 1")],
  [
    "6.1",
    "T11",
    "a predicate on a Blob of a node",
    changing("update Book set { blurb: $c } where cover = $c", "$c: String"),
  ],
  ["6.1", "T11", "a predicate on a Blob of an edge", changing("delete Borrows where scan = $c", "$c: Blob")],
  ["6.1", "T11", "a predicate on an end of a node", deleteMember('from = "a"')],
  [
    "6.1",
    "ok",
    "a predicate on either end of an edge",
    changing('delete Follows where to >= "a" delete Follows where from != $x', "$x: String"),
  ],
  ["6.1", "T7", "a predicate with a parameter of another type", deleteMember("age = $x", "$x: String")],
  ["6.1", "ok", "a predicate with a fraction on an integer", deleteMember("age < 2.5")],
  ["6.1", "ok", "a predicate with the time", deleteMember("joined <= now()")],
  [
    "6.1",
    "T10",
    "the second statement alone is wrong",
    changing('insert Visit { note: "x" } insert Ghost { a: 1 }'),
  ],
];

const RUN_TIME_RULES: readonly Row[] = [
  [
    "6.2",
    "query_mixed_mutations",
    "an update and a delete (D2)",
    changing('update Member set { age: 1 } where email = "y" delete Visit where note = "z"'),
  ],
  [
    "6.2",
    "ok",
    "several inserts and updates",
    changing('insert Visit { note: "x" } update Visit set { note: "y" } where note = "x"'),
  ],
  [
    "6.2",
    "ok",
    "several deletes",
    changing('delete Follows where from = "a" delete Member where email = "a"'),
  ],
  [
    "6.2",
    "query_key_update",
    "an update of a key",
    changing('update Branch set { town: "x" } where town = "y"'),
  ],
  [
    "6.2",
    "ok",
    "an update of a type without a key",
    changing('update Visit set { note: "y" } where note = "x"'),
  ],
  ["6.2", "ok", "an integer in a float", setMember("score: 3, small: 3")],
  ["6.2", "query_assignment_type", "a fraction in an integer", setMember("age: 3.5")],
  ["6.2", "query_assignment_range", "an integer that is too wide", setMember("age: 2147483648")],
  ["6.2", "ok", "the widest integer", setMember("age: 2147483647")],
  ["6.2", "ok", "a wide parameter in a narrow property", setMember("age: $x", "$x: I64")],
  [
    "6.2",
    "query_date_text",
    "a day that is none",
    changing('update Book set { printed: date("2024-02-30") } where isbn = "1"'),
  ],
  ["12 W-15", "query_predicate_not_scalar", "a predicate on a list", deleteMember('nicknames = ["k"]')],
  ["12 W-28", "query_assignment_type", "a fraction in a list of integers", setMember("marks: [1, 2.5]")],
];

describe.each([
  ["statements", STATEMENTS],
  ["rules of the run that validation enforces", RUN_TIME_RULES],
])("%s", (_part, rows) => {
  it.each(rows)("are judged by spec/query %s as %s: %s", (_rule, code, _what, query) => {
    expect(codesOf(errorsOf(query))[0] ?? "ok").toBe(code);
  });

  it("accept null where a value is required, with a warning (spec/query 6.2)", () => {
    const checked = check(setMember("joined: $x", "$x: DateTime?"));

    expect(checked.tag === "checked" && codesOf(checked.warnings)).toEqual(["query_assignment_nullable"]);
  });
});

describe("parameter values (spec/query 10)", () => {
  const decode = (type: string, json: string) => {
    const declared: readonly QueryParameter[] = [{ name: "p", type, nullable: false }];
    const decoded = decodeParameters(declared, { kind: "text", text: `{"p": ${json}}` });
    return decoded.tag === "decoded" ? decoded.values.get("p") : decoded.diagnostics[0]?.code;
  };
  const WRONG = "query_parameter_value";

  it.each([
    ["String", '"a"', "a"],
    ["String", "3", WRONG],
    ["Bool", "false", false],
    ["Bool", '"false"', WRONG],
    ["I32", "-2147483648", -2147483648n],
    ["I32", '"+7"', 7n],
    ["I32", '" 7"', WRONG],
    ["I32", "2147483648", WRONG],
    ["I64", "9223372036854775807", 9_223_372_036_854_775_807n],
    ["I64", "3.0", WRONG],
    ["I64", "3e2", WRONG],
    ["U32", "-1", WRONG],
    ["U32", '"4294967295"', 4_294_967_295n],
    ["U64", "9223372036854775808", WRONG],
    ["F64", "3", 3],
    ["F64", '"3"', WRONG],
    ["F32", "1e39", WRONG],
    ["Date", '"2024-02-29"', "2024-02-29"],
    ["Date", '"2023-02-29"', WRONG],
    ["DateTime", '"2024-02-29T10:00:00Z"', "2024-02-29T10:00:00Z"],
    ["DateTime", "0", WRONG],
    ["Blob", '"base64:AA=="', "base64:AA=="],
    ["Vector(2)", "[1, 0.5]", [1, 0.5]],
    ["Vector(2)", "[1]", WRONG],
    ["Vector(2)", '[1, "2"]', WRONG],
    ["[I32]", '[1, "2"]', [1n, 2n]],
    ["[String]", '["a", null]', WRONG],
    ["[String]", '"a"', WRONG],
    ["[I32]", "[[1]]", WRONG],
    ["String", "null", "query_parameter_missing"],
  ])("of type %s are read from %s as %s", (type, json, expected) => {
    expect(decode(type, json)).toEqual(expected);
  });

  it.each([
    ["nothing at all", "", "query_parameter_missing"],
    ["null", "null", "query_parameter_missing"],
    ["a list", "[]", "query_parameters_not_object"],
    ["a number", "3", "query_parameters_not_object"],
    ["an undeclared key", '{"p": "a", "x": 1}', "query_parameter_undeclared"],
    ["the clock", '{"p": "a", "__nanograph_now": "2024-01-01T00:00:00Z"}', "query_parameter_undeclared"],
  ])("refuse %s", (_what, text, code) => {
    const declared: readonly QueryParameter[] = [{ name: "p", type: "String", nullable: false }];
    const decoded = decodeParameters(declared, { kind: "text", text });

    expect(decoded.tag === "invalid" && codesOf(decoded.diagnostics)).toEqual([code]);
  });

  it("are null where a nullable parameter is left out or null", () => {
    const declared: readonly QueryParameter[] = [
      { name: "a", type: "I32", nullable: true },
      { name: "b", type: "[Date]", nullable: true },
    ];
    const decoded = decodeParameters(declared, { kind: "text", text: '{"b": null}' });

    expect(decoded.tag === "decoded" && [...decoded.values]).toEqual([
      ["a", null],
      ["b", null],
    ]);
  });
});
