/** Queries that OmniGraph accepts and that we refuse or warn of; every code of ours has at least one (spec/query 12). */
import { type Example, example } from "./examples.ts";
import { changing, reading, returning } from "./library.ts";

/** Errors that only we raise (spec/query 12). */
export const RULE_ERRORS: readonly Example[] = [
  example(
    "query_unknown_parameter",
    "a condition would be dropped (W-01)",
    reading("$m: Member { email: $emial }", "$email: String"),
  ),
  example(
    "query_duplicate_parameter",
    "a parameter is declared twice (W-19)",
    reading("$m: Member { age: $a }", "$a: I32, $a: I32"),
  ),
  example("query_unknown_alias", "a projection names nothing (W-06)", returning("$m.email, emial")),
  example(
    "query_unknown_alias",
    "an order names nothing (W-06)",
    returning("$m.email as mail", "order { mial }"),
  ),
  example("query_aggregate_argument", "a node is summed (W-06)", returning("sum($m) as total")),
  example("query_aggregate_argument", "a count is counted (W-06)", returning("count(count($m)) as n")),
  example(
    "query_aggregate_argument",
    "an alias is averaged (W-06)",
    returning("$m.age as age, avg(age) as mean"),
  ),
  example(
    "query_anonymous_binding",
    "the anonymous variable gets a type (W-12)",
    reading("$m: Member  $_: Book  $m borrows $_"),
  ),
  example(
    "query_variable_rebound",
    "a variable is bound twice (W-12)",
    reading("$m: Member  $m: Member { age: 3 }"),
  ),
  example(
    "query_variable_rebound",
    "an outer variable is bound in a negation (W-12)",
    reading("$m: Member  not { $m: Member { age: 3 } }"),
  ),
  example("query_traversal_unbound", "a traversal starts nowhere (W-10)", reading("$a follows $b")),
  example(
    "query_traversal_unbound",
    "a traversal is apart from all bindings (W-10)",
    reading("$m: Member  $a follows $b"),
  ),
  example(
    "query_enum_value",
    "an enum is compared with a value that it does not have (W-18)",
    reading('$b: Book  $b.shelf = "cooking"'),
  ),
  example(
    "query_date_text",
    "a day does not exist (W-18)",
    reading('$b: Book  $b.printed > date("2023-02-29")'),
  ),
  example(
    "query_date_text",
    "a time does not exist (W-18)",
    reading('$m: Member { joined: datetime("2023-02-28T25:00:00Z") }'),
  ),
  example(
    "query_rank_not_scanned",
    "a variable that is reached by an edge is ranked (W-07)",
    returning("$b.isbn", 'order { bm25($b.title, "x") }'),
  ),
  example(
    "query_rrf_variables",
    "two variables are ranked at once (W-07)",
    'query q($v: Vector(3)) { match { $b: Book  $c: Book } return { $b.isbn } order { rrf(nearest($b.taste, $v), bm25($c.title, "x")) } limit 3 }',
  ),
  example(
    "query_mixed_mutations",
    "an insert and a delete stand together (D2, W-13)",
    changing('insert Branch { town: "a" }  delete Branch where town = "b"'),
  ),
  example(
    "query_key_update",
    "a key is updated (W-13)",
    changing('update Branch set { town: "b" } where town = "a"'),
  ),
  example(
    "query_predicate_not_scalar",
    "a list limits a delete (W-15)",
    changing('delete Member where nicknames = ["k"]'),
  ),
  example(
    "query_predicate_not_scalar",
    "a vector limits a delete (W-15)",
    changing("delete Book where taste = [1, 2, 3]"),
  ),
  example(
    "query_assignment_type",
    "a fraction is stored as an integer (W-14)",
    changing('update Member set { age: 1.5 } where email = "a"'),
  ),
  example(
    "query_assignment_type",
    "a float parameter is stored as an integer (W-14)",
    changing('update Member set { age: $a } where email = "a"', "$a: F64"),
  ),
  example(
    "query_assignment_type",
    "a fraction is an element of a list of integers (W-28)",
    changing('update Member set { marks: [1, 2.5] } where email = "a"'),
  ),
  example(
    "query_assignment_type",
    "a list of floats is stored as a list of integers (W-28)",
    changing('update Member set { marks: $a } where email = "a"', "$a: [F64]"),
  ),
  example(
    "query_assignment_range",
    "an integer is too large (W-14)",
    changing('update Member set { age: 3000000000 } where email = "a"'),
  ),
  example(
    "query_assignment_range",
    "a negative number is stored without a sign (W-14)",
    changing('update Member set { points: -1 } where email = "a"'),
  ),
  example(
    "query_assignment_range",
    "a float is too large for 32 bits (W-14)",
    changing(`update Member set { small: ${"9".repeat(60)}.0 } where email = "a"`),
  ),
];

/** Queries that are accepted with a warning. */
export const WARNINGS: readonly Example[] = [
  example("query_unused_parameter", "a parameter has no effect (W-19)", reading("$m: Member", "$a: I32")),
  example(
    "query_shadowed_parameter",
    "a parameter and a variable share a name (W-19)",
    reading("$m: Member { age: $m }", "$m: I32"),
  ),
  example(
    "query_duplicate_output",
    "two columns share an alias (W-19)",
    returning("$m.email as x, $b.isbn as x"),
  ),
  example(
    "query_projection_not_served",
    "a score is returned (W-05)",
    returning('$b.isbn, bm25($b.title, "x") as score'),
  ),
  example("query_projection_not_served", "an alias is returned (W-05)", returning("$b.isbn as x, x as y")),
  example(
    "query_order_by_score_alias",
    "the alias of a score is ordered by (W-05)",
    returning('$b.isbn, bm25($b.title, "x") as score', "order { score desc }"),
  ),
  example(
    "query_order_by_default_name",
    "a column without an alias is ordered by its static name (W-04)",
    returning("$m.email, count($b)", "order { count desc }"),
  ),
  example(
    "query_order_by_hidden_key",
    "groups are ordered by a property that has an alias (W-05)",
    returning("$m.email as mail, count($b) as n", "order { $m.email }"),
  ),
  example(
    "query_order_ignored",
    "a key stands after a ranking",
    'query q() { match { $b: Book } return { $b.isbn } order { bm25($b.title, "x"), $b.isbn } }',
  ),
  example(
    "query_text_repeated",
    "a variable is searched twice (W-03)",
    reading('$b: Book  search($b.title, "x")  search($b.blurb, "y")'),
  ),
  example(
    "query_text_nullable",
    "null may be searched for (W-03)",
    reading("$b: Book  search($b.title, $t)", "$t: String?"),
  ),
  example(
    "query_negation_direction",
    "a negation follows an edge from its target (W-09)",
    reading("$b: Book  not { $b borrows $m }"),
  ),
  example(
    "query_assignment_nullable",
    "null may be stored where a value is required (W-14)",
    changing('update Book set { title: $t } where isbn = "1"', "$t: String?"),
  ),
  example(
    "query_embed_target_omitted",
    "a vector is left to be embedded (W-14)",
    changing("insert Poem { text: $t }", "$t: String"),
  ),
  example("query_signed_number", "a number has a sign (W-20)", reading("$m: Member  $m.age > -1")),
  example(
    "query_negation_scope",
    "a variable of a negation is bound later outside (W-11)",
    reading("$m: Member  not { $m follows $f }  $m borrows $b  $f: Member"),
  ),
  example(
    "query_text_not_scanned",
    "a variable that is reached by an edge is searched (W-03)",
    reading('$m: Member  $m borrows $b  search($b.title, "x")'),
  ),
  example(
    "query_text_not_scanned",
    "an outer variable is searched in a negation (W-03)",
    reading('$m: Member  not { search($m.email, "x") }'),
  ),
  example(
    "query_text_comparison",
    "a search is compared with false (W-03)",
    reading('$b: Book  search($b.title, "x") = false'),
  ),
  example(
    "query_text_comparison",
    "a search is compared with not true (W-03)",
    reading('$b: Book  match_text($b.title, "x") != true'),
  ),
  example(
    "query_score_in_filter",
    "a score is compared (W-05)",
    reading('$b: Book  bm25($b.title, "x") > 0.5'),
  ),
  example("query_order_not_executable", "a node is ordered by (W-05)", returning("$m.email", "order { $m }")),
  example(
    "query_order_not_executable",
    "a literal is ordered by (W-05)",
    returning("$m.email", "order { 1 }"),
  ),
  example(
    "query_order_not_executable",
    "an aggregate call is ordered by (W-05)",
    returning("$m.email, count($b) as n", "order { count($b) desc }"),
  ),
  example(
    "query_rank_not_first",
    "a ranking stands after another key (W-05)",
    returning("$b.isbn", 'order { $b.isbn, bm25($b.title, "x") }'),
  ),
];
