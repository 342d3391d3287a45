/** The lexical rules and the grammar, rule by rule: what is a query and what is not (spec/query 1, 2, 3.2). */
import { describe, expect, it } from "vitest";
import { parseQueryFile } from "../../lib/query/parse.ts";
import { changing, reading, returning } from "./library.ts";

type Row = readonly [rule: string, what: string, source: string];

const header = (text: string): string => `query q${text} { match { $m: Member } return { $m.email } }`;
const matching = (clause: string): string => reading(`$m: Member ${clause}`);
const ordering = (rest: string): string => returning("$m.email as mail, count($b)", rest);

const LEGAL: readonly Row[] = [
  [
    "1",
    "tabs, returns and line feeds between tokens",
    "query\tq\r\n(\n)\t{match{$m:Member}return{$m.email}}",
  ],
  ["1", "a line comment at the very end", `${header("()")} // done`],
  ["1", "a block comment that ends at its first end", `/* a /* b */ ${header("()")}`],
  ["1", "comment marks inside a string", matching('$m.email = "// /* */"')],
  [
    "1",
    "a name that begins with an underscore",
    "query _q($_a: I32) { match { $_m: Member } return { $_m._x } }",
  ],
  ["1", "the anonymous variable as a parameter", header("($_: I32)")],
  ["1", "an edge word that only begins like not", matching("$m notes $b")],
  ["1", "any character in a string", matching('$m.email = "\u{1F4DA} \u00e9 \u0000"')],
  ["1", "leading zeros", matching("$m.age = 007")],
  ["1", "the text of a date left for the checker", matching('$m.joined = datetime("soon")')],
  ["1", "an empty list and lists in lists", matching("$m.age = [[], [1, 2]]")],
  ["1", "null as an alias", matching("$m.age = null")],
  ["2.1", "several queries", `${header("()")} ${header("()")}`],
  ["2.1", "instruction before description", header('() @instruction("a") @description("b")')],
  [
    "2.1",
    "every base type, lists of them and vectors",
    header(
      "($a: String, $b: Blob?, $c: [Bool]?, $d: I32, $e: [I64], $f: U32, $g: U64, $h: F32, $i: [F64], $j: Date, $k: [DateTime], $l: [Blob], $n: Vector(3)?)",
    ),
  ],
  ["2.1", "spaces inside a parameter type", header("($a: [ String ] ?, $b: Vector ( 3 ) ?)")],
  ["2.1", "a comma after the last match of a binding", reading("$m: Member { age: 3, }")],
  [
    "2.1",
    "every kind of value in a binding",
    reading('$m: Member { a: "x", b: 1, c: 2.5, d: true, e: [1], f: $p, g: now(), h: date("x") }'),
  ],
  ["2.1", "spaces around the dot of a property", matching("$m . age > 3")],
  ["2.1", "every comparison", matching("$m.a = 1 $m.a != 1 $m.a < 1 $m.a <= 1 $m.a > 1 $m.a >= 1")],
  ["2.1", "no commas between projections", returning("$m.email $m.age as years count($b) as n 3")],
  ["2.1", "a comma after every projection", returning("$m.email, $m.age,")],
  ["2.1", "an order with several keys and directions", ordering("order { mail desc, $m.age, $b.title asc }")],
  ["2.1", "a limit without an order", ordering("limit 0")],
  [
    "2.1",
    "rankings of both kinds in either arm of rrf",
    ordering('order { rrf(bm25($b.title, "x"), nearest($b.taste, [1]), $k) desc }'),
  ],
  ["2.1", "calls in calls", returning('count(search($b.title, "x")), nearest($b.taste, now())')],
  ["2.1", "assignments with and without commas", changing("insert Book { a: 1 b: $b, c: now() }")],
  [
    "2.1",
    "every comparison in a predicate",
    changing("delete Book where a <= 1 delete Book where a != now()"),
  ],
  ["2.2.1", "a negation inside a negation", matching("not { $m follows $f not { $f borrows $_ } }")],
  ["2.2.2", "a comparison of two variables", matching("$m < $b")],
  ["2.2.2", "a comparison with an alias", matching("$m < follows")],
  ["2.2.2", "an edge variable before an undirected edge", matching("$m $e:<follows>{1,1} $f")],
  [
    "2.2.3",
    "contains between a variable and a literal",
    reading('$m: Member $n contains "a"', "$n: [String]"),
  ],
  ["2.2.3", "starts_with between a variable and a literal", matching('$n starts_with "a"')],
  ["2.2.3", "contains with bounds as an edge", matching("$m contains{1,2} $b")],
  [
    "2.2.4",
    "a text search as an operand on either side",
    matching('search($m.email, "x") = true true = fuzzy($m.email, "x")'),
  ],
  [
    "2.2.4",
    "scores and aggregates as operands",
    matching('bm25($m.email, "x") > 1 count($m) > 1 1 < nearest($m.v, [1])'),
  ],
  [
    "2.2.6",
    "words that are calls only before a parenthesis",
    ordering("order { now, count, date, nearest, true_x }"),
  ],
  ["2.2.9", "equal and open bounds", matching("$m follows{2,2} $f $m follows{2,} $g $m follows{0,1} $h")],
  [
    "2.3",
    "aliases that begin with true and false",
    returning("$m.age as false_count", "order { false_count }"),
  ],
];

const ILLEGAL: readonly Row[] = [
  ["1", "a block comment without its end", `${header("()")} /* x`],
  ["1", "a separator in a number", matching("$m.age = 1_000")],
  ["1", "a trailing dot", matching("$m.age = 1.")],
  ["1", "a space after the dollar sign", matching("$ m.age = 1")],
  ["1", "a comma at the end of a list", matching("$m.age = [1,]")],
  ["1", "an argument of now", matching("$m.joined = now(1)")],
  ["1", "a date without quotes", matching("$m.joined = date(2024)")],
  ["1", "not as an edge", matching("$m not $f")],
  ["1", "text in single quotes", matching("$m.email = 'a'")],
  ["2.1", "anything between queries", `${header("()")}, ${header("()")}`],
  ["2.1", "no parameter list", header("")],
  ["2.1", "a default of a parameter", header("($a: I32 = 3)")],
  ["2.1", "a list of vectors", header("($a: [Vector(3)])")],
  ["2.1", "a list of lists", header("($a: [[I32]])")],
  ["2.1", "a list of what may be null", header("($a: [I32?])")],
  ["2.1", "an annotation before the parameters", header('@description("a") ()')],
  ["2.1", "an annotation without a text", header("() @description")],
  ["2.1", "an annotation that is not text", header("() @description(3)")],
  ["2.1", "an empty body", "query q() { }"],
  ["2.1", "an empty match", "query q() { match { } return { 1 } }"],
  ["2.1", "an empty negation", matching("not { }")],
  ["2.1", "an empty return", returning("")],
  ["2.1", "two commas between projections", returning("$m.email,, $m.age")],
  ["2.1", "a return before the match", "query q() { return { 1 } match { $m: Member } }"],
  ["2.1", "an empty order", ordering("order { }")],
  ["2.1", "an order without commas", ordering("order { mail desc $m.age }")],
  ["2.1", "a limit that is a parameter", ordering("limit $n")],
  ["2.1", "a negative limit", ordering("limit -1")],
  ["2.1", "two limits", ordering("limit 1 limit 2")],
  ["2.1", "nearest of something that is no property", ordering('order { nearest("a", "b") }')],
  ["2.1", "a fourth argument of fuzzy", matching('fuzzy($m.email, "x", 1, 2)')],
  ["2.1", "a third argument of search", matching('search($m.email, "x", 1)')],
  ["2.1", "one argument of bm25", ordering("order { bm25($m.email) }")],
  ["2.1", "a search as an arm of rrf", ordering('order { rrf(search($b.title, "x"), bm25($b.title, "x")) }')],
  ["2.1", "one arm of rrf", ordering('order { rrf(bm25($b.title, "x")) }')],
  ["2.1", "a star to be counted", returning("count(*)")],
  ["2.1", "a deeper property", matching("$m.age.x = 1")],
  ["2.1", "an insert without assignments", changing("insert Book { }")],
  ["2.1", "an update without a predicate", changing("update Book set { a: 1 }")],
  ["2.1", "an update without set", changing("update Book { a: 1 } where a = 1")],
  ["2.1", "a delete without a predicate", changing("delete Book")],
  ["2.1", "two predicates", changing("delete Book where a = 1 and b = 2")],
  ["2.1", "starts_with in a predicate", changing('delete Book where a starts_with "x"')],
  ["2.1", "a property reference as a value", changing("insert Book { a: $b.c }")],
  ["2.2.2", "an undirected edge that is not closed", matching("$m $e:<follows $f")],
  ["2.2.2", "an edge that is closed and not opened", matching("$m follows> $f")],
  ["2.2.3", "a property after contains and a bare variable", matching("$m contains $b.title")],
  ["2.2.4", "a lonely rrf", matching('rrf(bm25($m.email, "x"), bm25($m.email, "x"))')],
  ["2.2.4", "a lonely aggregate", matching("count($m)")],
  ["2.2.5", "a direction of nearest", ordering("order { nearest($b.taste, [1]) asc } limit 1")],
  ["2.2.7", "empty braces of a binding", reading("$m: Member {}")],
  ["2.2.8", "no commas between matches of a binding", reading("$m: Member { a: 1 b: 2 }")],
  ["2.2.9", "an order after the limit", ordering("limit 1 order { mail }")],
  ["2.2.9", "bounds without a lower one", matching("$m follows{,2} $f")],
  [
    "2.2.10",
    "a delete after a read",
    "query q() { match { $m: Member } return { $m } delete Book where a = 1 }",
  ],
  ["2.2.11", "a type in lower case", reading("$m: member")],
  ["2.2.11", "an edge in upper case", matching("$m Follows $f")],
  ["2.2.11", "a query in upper case", "query Q() { match { $m: Member } return { 1 } }"],
  ["2.3", "glued words", `${header("()").replace("query q", "queryq")}`],
  ["2.3", "a limit glued to its number", ordering("limit5")],
  ["3.2", "an escape that is none", matching('$m.email = "\\u0041"')],
  ["3.2", "a description that is given twice", header('() @description("a") @description("a")')],
];

describe("a text that obeys the grammar", () => {
  it.each(LEGAL)("is read (spec/query %s): %s", (_rule, _what, source) => {
    expect(parseQueryFile(source, "f.gq")).toMatchObject({ tag: "parsed" });
  });
});

describe("a text that breaks the grammar", () => {
  it.each(ILLEGAL)("is refused with its place (spec/query %s): %s", (_rule, _what, source) => {
    const parsed = parseQueryFile(source, "f.gq");

    expect(parsed.tag).toBe("invalid");
    if (parsed.tag === "invalid") expect(parsed.diagnostics[0]?.source).toMatchObject({ file: "f.gq" });
  });
});
