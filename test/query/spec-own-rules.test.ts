/** What OmniGraph accepts and we refuse, and what we only warn of: the list of spec/query 13, the findings of spec/query 12. */
import { describe, expect, it } from "vitest";
import { changing, check, codesOf, errorsOf, reading, returning } from "./library.ts";

type Row = readonly [finding: string, code: string, query: string];

const member = (clauses: string, parameters = ""): string => reading(`$m: Member ${clauses}`, parameters);
const book = (clauses: string, parameters = ""): string => reading(`$b: Book ${clauses}`, parameters);
const ordered = (order: string, projections = "$b.isbn"): string =>
  `query q() { match { $b: Book } return { ${projections} } order { ${order} } limit 9 }`;
const reached = (order: string): string =>
  `query q() { match { $m: Member $m borrows $b } return { $m.email } order { ${order} } limit 9 }`;

const pair = (order: string): string =>
  `query q() { match { $b: Book $c: Book } return { $b.isbn } order { ${order} } limit 9 }`;

const REFUSED: readonly Row[] = [
  ["W-01", "query_unknown_parameter", reading("$m: Member { email: $who }")],
  ["W-01", "query_unknown_parameter", member("$f: Member { email: $m }")],
  ["W-06", "query_unknown_alias", returning("nothing")],
  ["W-06", "query_unknown_alias", returning("$m.age as years", "order { year }")],
  ["W-06", "query_aggregate_argument", returning("max(count($m))")],
  ["W-07", "query_rank_not_scanned", reached('bm25($b.title, "x")')],
  ["W-07", "query_rrf_variables", pair('rrf(bm25($b.title, "x"), bm25($c.title, "x"))')],
  ["W-10", "query_traversal_unbound", member("$x follows $y")],
  ["W-10", "query_traversal_unbound", member("not { $x follows $y $y.email = $m.email }")],
  ["W-12", "query_variable_rebound", member("not { $m: Member { age: 3 } }")],
  ["W-12", "query_anonymous_binding", reading("$_: Member")],
  ["W-13", "query_mixed_mutations", changing('delete Visit where note = "x" insert Visit { note: "x" }')],
  ["W-13", "query_key_update", changing('update Member set { email: "x" } where age = 1')],
  ["W-14", "query_assignment_type", changing("update Member set { points: $x } where age = 1", "$x: F32")],
  ["W-14", "query_assignment_range", changing("update Member set { points: 4294967296 } where age = 1")],
  ["W-15", "query_predicate_not_scalar", changing("delete Book where taste = $v", "$v: Vector(3)")],
  ["W-18", "query_enum_value", book('$b.shelf != "crime"')],
  ["W-18", "query_date_text", book('$b.printed = date("today")')],
  ["W-19", "query_duplicate_parameter", member("$m.age = $x", "$x: I32, $x: I64")],
];

const WARNED: readonly Row[] = [
  ["W-03", "query_text_not_scanned", member('$m borrows $b search($b.title, "x")')],
  ["W-03", "query_text_not_scanned", member('not { search($m.email, "x") }')],
  ["W-03", "query_text_comparison", member('search($m.email, "x") != true')],
  ["W-03", "query_text_comparison", member('false = fuzzy($m.email, "x")')],
  ["W-03", "query_text_repeated", book('search($b.title, "x") match_text($b.title, "y")')],
  ["W-03", "query_text_nullable", book("search($b.title, $t)", "$t: String?")],
  ["W-04", "query_order_by_default_name", returning("$m.email, count($b)", "order { count }")],
  ["W-04", "query_duplicate_output", returning("$m.email, $m.email")],
  ["W-05", "query_projection_not_served", returning('search($m.email, "x") as hit')],
  ["W-05", "query_score_in_filter", book('nearest($b.taste, "x") < 0.5')],
  ["W-05", "query_order_not_executable", ordered("$b")],
  ["W-05", "query_order_not_executable", ordered("count($b) desc")],
  ["W-05", "query_order_not_executable", ordered("now()")],
  ["W-05", "query_rank_not_first", ordered('$b.title, bm25($b.title, "x")')],
  ["W-05", "query_order_ignored", ordered('bm25($b.title, "x"), $b.title')],
  ["W-05", "query_order_by_score_alias", ordered("score desc", '$b.isbn, bm25($b.title, "x") as score')],
  ["W-05", "query_order_by_hidden_key", ordered("$b.title", "$b.title as name, count($b) as n")],
  ["W-09", "query_negation_direction", reading("$b: Book not { $b borrows $_ }")],
  ["W-11", "query_negation_scope", member("not { $m follows $f } $m follows $f")],
  ["W-11", "query_negation_scope", member("not { $m $e:follows $_ } $m $e:follows $f $e.closeness > 0.5")],
  ["W-14", "query_assignment_nullable", changing("insert Visit { note: $n }", "$n: String?")],
  ["W-14", "query_embed_target_omitted", changing("insert Poem { text: $t }", "$t: String")],
  ["W-19", "query_unused_parameter", member("", "$x: I32")],
  ["W-19", "query_shadowed_parameter", member("", "$m: I32")],
  ["W-20", "query_signed_number", member("$m.age > -1")],
];

describe("a query that OmniGraph accepts and runs wrongly", () => {
  it.each(REFUSED)("is refused for %s with %s: %s", (_finding, code, query) => {
    expect(codesOf(errorsOf(query))).toEqual([code]);
  });

  it("is refused when a parameter takes the name of the clock (W-08)", () => {
    expect(codesOf(errorsOf(member("", "$__nanograph_now: DateTime")))).toEqual(["query_reserved_parameter"]);
  });
});

describe("a query whose run falls short of what it says", () => {
  it.each(WARNED)("is accepted for %s with the warning %s: %s", (_finding, code, query) => {
    const checked = check(query);

    expect(checked.tag).toBe("checked");
    if (checked.tag === "checked") expect(codesOf(checked.warnings)).toContain(code);
  });
});
