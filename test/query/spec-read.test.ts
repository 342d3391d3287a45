/** The type rules of reads, row by row of their tables: the code that comes first, or none (spec/query 4, 5). */
import { describe, expect, it } from "vitest";
import { codesOf, errorsOf, reading, returning } from "./library.ts";

/** `code` is the code of the first error, or `ok`. */
type Row = readonly [rule: string, code: string, what: string, query: string];

const member = (clauses: string, parameters = ""): string => reading(`$m: Member ${clauses}`, parameters);
const book = (clauses: string, parameters = ""): string => reading(`$b: Book ${clauses}`, parameters);
const bookOrder = (rest: string, parameters = "", projections = "$b.isbn as code"): string =>
  `query q(${parameters}) { match { $b: Book } return { ${projections} } ${rest} }`;

const BINDINGS: readonly Row[] = [
  ["4", "T1", "an edge type as a node type", reading("$x: Follows")],
  ["4", "T6", "the id of an edge", member("$m $e:follows $f $e.id = 1")],
  ["4", "ok", "an edge by its own name in lower case", member("$m memberof $b")],
  ["4", "ok", "an edge word of mixed case", member("$m mEMBEROF $b")],
  ["4", "T4", "an edge word with an underscore", member("$m member_of $b")],
  ["5.2", "query_parameter_type", "a vector longer than any", member("", "$v: Vector(2147483648)")],
  ["5.2", "ok", "the longest vector", member("", "$v: Vector(2147483647)")],
  [
    "5.2",
    "ok",
    "a nullable parameter against a required property",
    reading("$m: Member { email: $e }", "$e: String?"),
  ],
  ["5.2", "ok", "a bare name that is parameter and variable", member("$m = 3", "$m: I32")],
  [
    "5.2",
    "ok",
    "a property of a variable that shares its name with a parameter",
    member("$m.age = 3", "$m: I32"),
  ],
  ["5.3", "ok", "numbers of any width", member("$m.age = 2.5 $m.points > $x $m.small < 3", "$x: F32")],
  ["5.3", "T7", "a truth value and a number", member("$m.age = true")],
  ["5.3", "T7", "a text and a day", book('$b.printed = "2024-01-01"')],
  ["5.3", "T7", "a day and an instant", member('$m.joined > date("2024-01-01")')],
  ["5.4", "query_nested_list", "a list in a list", member("$m.nicknames contains [[1]]")],
  ["5.4", "query_mixed_list", "a list after a number in a list", member("$m.nicknames contains [1, [2]]")],
  ["5.4", "T7", "an empty list, which is a list of texts", member("$m.marks contains []")],
  [
    "5.5",
    "T3",
    "a vector of another length",
    book("").replace("$b: Book", "$b: Book { taste: [1, 2, 3, 4] }"),
  ],
  ["5.5", "T3", "no numbers at all for a vector", reading("$b: Book { taste: [] }")],
  ["5.5", "ok", "integers and fractions for a vector", reading("$b: Book { taste: [1, 0.5, 2] }")],
  ["5.5", "T3", "a value that the enum does not have", reading('$b: Book { shelf: "crime" }')],
  ["5.5", "ok", "a value that the enum has", reading('$b: Book { shelf: "travel" }')],
  ["5.5", "ok", "a fraction for an integer", reading("$m: Member { age: 2.5 }")],
  ["5.6", "T2", "a property of another type", reading("$m: Member { isbn: 1 }")],
  ["5.6", "T3", "a Blob", reading("$b: Book { cover: $c }", "$c: Blob")],
  ["5.6", "T3", "a list for a list", reading("$m: Member { marks: [1] }")],
  ["5.6", "T3", "a text for a list of numbers", reading('$m: Member { marks: "1" }')],
  ["5.6", "ok", "one element for a list", reading("$m: Member { marks: 2.5 }")],
  ["5.6", "T7", "a list parameter for a list", reading("$m: Member { marks: $x }", "$x: [I32]")],
  ["5.6", "T7", "a text parameter for a list of numbers", reading("$m: Member { marks: $x }", "$x: String")],
  ["5.6", "ok", "one parameter for a list", reading("$m: Member { marks: $x }", "$x: U64")],
  ["5.6", "T7", "a list parameter for a number", reading("$m: Member { age: $x }", "$x: [I32]")],
  ["5.6", "T7", "the time for a day", reading("$b: Book { printed: now() }")],
  ["5.6", "ok", "the time for an instant", reading("$m: Member { joined: now() }")],
  ["5.6", "T23", "the name of an edge", member("$m $e:follows $f $e: Member")],
  ["5.6", "query_variable_retyped", "a second type", member("$m: Branch")],
  ["5.6", "query_variable_rebound", "the same type again (W-12)", member("$m: Member")],
];

const TRAVERSALS: readonly Row[] = [
  ["5.7.1", "T4", "an unknown edge before anything else", member("$m owns{0,0} $b")],
  ["5.7.2", "T15", "no hop", member("$m follows{0,2} $f")],
  ["5.7.3", "T15", "an upper bound below the lower", member("$m follows{2,1} $f")],
  ["5.7.3", "T15", "no upper bound", member("$m follows{2,} $f")],
  ["5.7.3", "ok", "many hops", member("$m follows{1,4000} $f")],
  ["5.7.4", "T22", "an undirected edge between two types", member("$m <memberOf> $b")],
  ["5.7.5", "T23", "an anonymous edge of several hops", member("$m $_:follows{1,2} $f")],
  ["5.7.5", "T23", "an edge of exactly two hops", member("$m $e:follows{2,2} $f")],
  ["5.7.5", "ok", "an edge of exactly one hop", member("$m $e:follows{1,1} $f")],
  ["5.7.6", "T23", "an edge called like its target", member("$m $f:follows $f")],
  ["5.7.7", "T23", "an edge called like an earlier edge", member("$m $e:follows $f $m $e:follows $g")],
  ["5.7.8", "T23", "an edge as a target", member("$m $e:follows $f $g follows $e")],
  ["5.7", "ok", "two anonymous edges", member("$m $_:follows $f $f $_:follows $g")],
  ["5.7.9", "T5", "a source of another type", reading("$b: Branch $b follows $f")],
  ["5.7.9", "T5", "a target of another type", reading("$m: Member $b: Book $m memberOf $b")],
  ["5.7.9", "T5", "two sources", reading("$m: Member $n: Member $m borrows $n")],
  ["5.7", "ok", "the target first", reading("$b: Book $b borrows $m $m.age = 1")],
  ["5.7", "ok", "only the target bound", reading("$b: Book $m borrows $b $m.age = 1")],
  ["5.7", "ok", "only the target place bound, to the source type", member('$b borrows $m $b.title = "x"')],
  ["5.7", "T6", "a property of the other end", member("$m borrows $b $b.age = 1")],
  ["5.7", "ok", "the anonymous node several times", member("$m follows $_ $m borrows $_")],
  ["5.7", "query_traversal_unbound", "no bound end (W-10)", reading("$x follows $y")],
];

const FILTERS: readonly Row[] = [
  ["5.8", "T7", "a node", member("$m = $m")],
  ["5.8", "T7", "an aggregate", member("count($m) > 1")],
  ["5.8", "T7", "an unknown word", member("$m.age = nothing")],
  ["5.8.1", "T7", "Blob parameters", member("$x = $y", "$x: Blob, $y: Blob")],
  ["5.8.1", "T24", "a Blob property", book("$b.cover = $x", "$x: Blob")],
  ["5.8.2", "ok", "a text in a text", member("$m.email contains $x", "$x: String")],
  ["5.8.2", "T7", "a list in a text", member('$m.email contains ["a"]')],
  ["5.8.2", "ok", "a text in an enum", book('$b.shelf contains "sci"')],
  ["5.8.3", "T7", "a number in a number", member("$m.age contains 3")],
  ["5.8.4", "T7", "a text in a list of numbers", member('$m.marks contains "1"')],
  ["5.8.4", "ok", "an element of a list literal", member("[1, 2] contains $m.age")],
  ["5.8.4", "ok", "a literal in a list parameter", member('$x contains "a"', "$x: [String]")],
  ["5.8.5", "T7", "the start of a list", member('$m.nicknames starts_with "a"')],
  ["5.8.5", "ok", "the start of a literal", member('"abc" starts_with $m.email')],
  ["5.8.6", "T7", "two lists", member("$m.marks = $m.marks")],
  ["5.8.6", "T7", "two vectors", book("$b.taste = $v", "$v: Vector(3)")],
  ["5.8.6", "ok", "truth values and enums in order", book('true >= false $b.shelf < "travel"')],
];

const EXPRESSIONS: readonly Row[] = [
  ["5.9", "T6", "a property of nothing", member("$x.age = 1")],
  ["5.9", "query_unbound_variable", "a bare variable of nothing", returning("$x")],
  ["5.9", "T23", "a bare edge", "query q() { match { $m: Member $m $e:follows $f } return { count($e) } }"],
  [
    "5.9",
    "ok",
    "a property of an edge",
    "query q() { match { $m: Member $m $e:follows $f } return { max($e.closeness) } }",
  ],
  ["5.9", "query_unknown_alias", "an alias before it is given (W-06)", returning("mail, $m.email as mail")],
  ["5.9", "ok", "an alias after it is given", returning("$m.email as mail, mail as again")],
  ["5.9", "T23", "a search in an edge", member('$m $e:borrows $b search($e.remark, "x")')],
  ["5.9", "T23", "a match_text in an edge", member('$m $e:borrows $b match_text($e.remark, "x")')],
  ["5.9", "T19", "a search in a list", member('search($m.nicknames, "x")')],
  ["5.9", "T19", "fuzzy with a text as edits", member('fuzzy($m.email, "x", "2")')],
  ["5.9", "ok", "fuzzy with an unsigned parameter as edits", member('fuzzy($m.email, "x", $n)', "$n: U32")],
  ["5.9", "T20", "match_text for a number", member("match_text($m.email, 3)")],
  ["5.9", "T20", "bm25 in a number", bookOrder('order { bm25($b.printed, "x") }')],
  [
    "5.9",
    "T21",
    "rrf with a fraction as k",
    bookOrder('order { rrf(bm25($b.title, "x"), bm25($b.title, "y"), 1.5) } limit 1'),
  ],
  [
    "5.9",
    "T21",
    "rrf with a negative k",
    bookOrder('order { rrf(bm25($b.title, "x"), bm25($b.title, "y"), -1) } limit 1'),
  ],
  [
    "5.9",
    "ok",
    "rrf with a parameter as k",
    bookOrder('order { rrf(bm25($b.title, "x"), bm25($b.title, "y"), $k) } limit 1', "$k: I64"),
  ],
  [
    "5.9",
    "T15",
    "nearest in an edge that is not bound",
    bookOrder("order { nearest($e.taste, [1, 2, 3]) } limit 1"),
  ],
  ["5.9", "T15", "nearest to no numbers", bookOrder("order { nearest($b.taste, []) } limit 1")],
  ["5.9", "T15", "nearest to a truth value", bookOrder("order { nearest($b.taste, true) } limit 1")],
  ["5.9", "T15", "nearest to a node", bookOrder("order { nearest($b.taste, $b) } limit 1")],
  [
    "5.9",
    "T15",
    "nearest to a list parameter",
    bookOrder("order { nearest($b.taste, $x) } limit 1", "$x: [F32]"),
  ],
  [
    "5.9",
    "T23",
    "nearest in an edge",
    "query q() { match { $m: Member $m $e:borrows $b } return { $m.email } order { nearest($e.remark, [1]) } limit 1 }",
  ],
  ["5.9", "T8", "the mean of a list", returning("avg($m.marks)")],
  ["5.9", "T8", "the sum of truth values", returning("sum(true)")],
  ["5.9", "T8", "the least instant", returning("min($m.joined)")],
  [
    "5.9",
    "ok",
    "the least text and the greatest number",
    returning("min($b.title), max($m.points), count($m.nicknames)"),
  ],
  ["5.9", "T24", "the count of a Blob", returning("count($b.cover)")],
  ["5.9", "query_aggregate_argument", "the least node (W-06)", returning("min($m)")],
  ["5.10", "T9", "a negation of its own", member('not { $b: Book $b.title = "x" }')],
  ["5.10", "T9", "a negation about a parameter", member("not { $x: Member { age: $n } }", "$n: I32")],
  ["5.10", "ok", "a filter on an outer variable", member("not { $m.age > 3 }")],
  ["5.10", "ok", "a filter on an outer edge", member("$m $e:follows $f not { $e.closeness > 0.5 }")],
  ["5.10", "ok", "a search of an outer variable", member('not { search($m.email, "x") }')],
  ["5.10", "ok", "an edge that is named inside", member("not { $m $e:follows $f $e.closeness > 0.5 }")],
  ["5.10", "T6", "a variable of a negation after it", member("not { $m follows $f } $f.age = 1")],
];

const RESULTS: readonly Row[] = [
  ["5.11", "T24", "a Blob alias as a projection", returning("$c as x, x as y", "", "$c: Blob")],
  ["5.11", "T24", "a Blob in the order", bookOrder("order { $b.cover }")],
  ["5.11", "T9", "a call beside an aggregate", returning("now() as t, count($m) as n")],
  [
    "5.11",
    "T9",
    "an alias beside an aggregate",
    returning("$m.email as mail, mail as again, count($m) as n"),
  ],
  ["5.11", "ok", "a parameter beside an aggregate", returning("$x, count($m)", "", "$x: I32")],
  [
    "5.11",
    "T21",
    "rrf through an alias",
    bookOrder("order { s }", "", '$b.isbn, rrf(bm25($b.title, "x"), bm25($b.blurb, "x")) as s'),
  ],
  [
    "5.11",
    "T17",
    "nearest through an alias",
    bookOrder("order { s }", "", '$b.isbn, nearest($b.taste, "x") as s'),
  ],
  [
    "5.11",
    "T18",
    "the alias of nearest",
    bookOrder("order { s } limit 3", "", '$b.isbn, nearest($b.taste, "x") as s'),
  ],
  ["5.11", "T18", "an alias before nearest", bookOrder('order { code, nearest($b.taste, "x") } limit 3')],
  [
    "5.11",
    "ok",
    "the alias of rrf beside rrf",
    bookOrder(
      "order { s desc } limit 3",
      "",
      '$b.isbn, rrf(nearest($b.taste, "x"), bm25($b.blurb, "x")) as s',
    ),
  ],
  [
    "5.11",
    "ok",
    "nearest returned without a limit",
    bookOrder("", "", '$b.isbn, nearest($b.taste, "x") as s'),
  ],
  ["5.11", "ok", "bm25 without a limit", bookOrder('order { bm25($b.title, "x") desc }')],
  [
    "5.11",
    "ok",
    "search and fuzzy in the order",
    bookOrder('order { search($b.title, "x") desc, fuzzy($b.title, "x") }'),
  ],
  ["5.11", "ok", "the same alias twice", returning("$m.email as x, $b.isbn as x", "order { x }")],
  [
    "5.11",
    "ok",
    "an aggregate, a literal, a parameter and a node in the order",
    returning("$m.email", "order { count($b) desc, 1, $x, $m }", "$x: I32"),
  ],
];

describe.each([
  ["bindings", BINDINGS],
  ["traversals", TRAVERSALS],
  ["filters", FILTERS],
  ["expressions and negations", EXPRESSIONS],
  ["results", RESULTS],
])("%s", (_part, rows) => {
  it.each(rows)("judges by spec/query %s as %s: %s", (_rule, code, _what, query) => {
    expect(codesOf(errorsOf(query))[0] ?? "ok").toBe(code);
  });
});
