/** One or more queries for each code of the checker; every code has at least one (style 7.8). */
import type { DiagnosticCode } from "../../lib/diagnostic/diagnostic.ts";
import { changing, reading, returning } from "./library.ts";

export interface Example {
  readonly code: DiagnosticCode;
  readonly because: string;
  readonly query: string;
}

/** One line of a table of examples. */
export function example(code: DiagnosticCode, because: string, query: string): Example {
  return { code, because, query };
}

/** Errors that OmniGraph raises too; the code is that of the first error. */
export const TYPE_ERRORS: readonly Example[] = [
  example("T1", "a binding names a type that does not exist", reading("$m: Reader")),
  example("T1", "a binding names an edge type", reading("$m: Borrows")),
  example("T2", "a binding names a property that does not exist", reading("$m: Member { agee: 3 }")),
  example("T3", "a text is matched with a number", reading('$m: Member { age: "old" }')),
  example("T3", "a list is matched with a list", reading('$m: Member { nicknames: ["kim"] }')),
  example("T3", "a list is asked for an element of another type", reading("$m: Member { nicknames: 3 }")),
  example("T3", "an enum does not have the value", reading('$b: Book { shelf: "cooking" }')),
  example("T3", "a vector has another length", reading("$b: Book { taste: [1, 2] }")),
  example("T3", "a day is given as a plain text", reading('$b: Book { printed: "2024-05-01" }')),
  example("T3", "a Blob is matched", reading('$b: Book { cover: "x" }')),
  example("T3", "a text is stored in a Blob", changing('update Book set { cover: "x" } where isbn = "1"')),
  example(
    "T3",
    "a single value is stored in a list",
    changing('update Member set { nicknames: "k" } where email = "a"'),
  ),
  example(
    "T3",
    "an empty list is stored in a list of numbers",
    changing('update Member set { marks: [] } where email = "a"'),
  ),
  example("T4", "a traversal names an edge that does not exist", reading("$m: Member  $m lends $b")),
  example("T4", "an underscore is written into an edge name", reading("$m: Member  $m member_of $b")),
  example("T4", "a bare variable stands before contains", reading("$m: Member  $m contains $b")),
  example("T5", "the source has the wrong type", reading("$b: Branch  $b follows $x")),
  example("T5", "the destination has the wrong type", reading("$m: Member  $b: Branch  $m borrows $b")),
  example("T6", "a variable is used before it is bound", reading("$m.age > 3  $m: Member")),
  example("T6", "the physical id is not a property", reading("$m: Member  $m.id = 3")),
  example(
    "T6",
    "a variable bound inside a negation is returned",
    "query q() { match { $m: Member  not { $m borrows $b } } return { $b.title } }",
  ),
  example("T6", "a parameter is asked for a property", reading("$m: Member  $age.x = 3", "$age: I32")),
  example("T7", "a number is compared with a text", reading('$m: Member  $m.age > "x"')),
  example("T7", "a node is compared", reading("$m: Member  $m != 3")),
  example("T7", "a list is compared", reading('$m: Member  $m.nicknames = "k"')),
  example("T7", "vectors are compared", reading("$b: Book  $b.taste = $b.taste")),
  example("T7", "a number is asked whether it contains another", reading("$m: Member  $m.age contains 3")),
  example("T7", "a text is asked whether it contains a number", reading("$m: Member  $m.email contains 3")),
  example(
    "T7",
    "a list is asked whether it contains a list",
    reading('$m: Member  $m.nicknames contains ["k"]'),
  ),
  example(
    "T7",
    "a list of texts is asked whether it contains a number",
    reading("$m: Member  $m.nicknames contains 3"),
  ),
  example("T7", "a number is asked how it starts", reading('$m: Member  $m.age starts_with "3"')),
  example(
    "T7",
    "a text is asked whether it starts with a number",
    reading("$m: Member  $m.email starts_with 3"),
  ),
  example("T7", "there is no null", reading("$m: Member  $m.age = null")),
  example("T7", "a day is compared with an instant", reading("$b: Book  $b.printed < now()")),
  example(
    "T7",
    "a parameter has another type than the matched property",
    reading("$m: Member { age: $a }", "$a: String"),
  ),
  example(
    "T7",
    "a list parameter is matched with a list",
    reading("$m: Member { nicknames: $a }", "$a: [String]"),
  ),
  example("T7", "the time is matched with a text", reading("$m: Member { email: now() }")),
  example(
    "T7",
    "a parameter has another type than the assigned property",
    changing('update Member set { age: $a } where email = "a"', "$a: Bool"),
  ),
  example(
    "T7",
    "the time is stored in a day",
    changing('update Book set { printed: now() } where isbn = "1"'),
  ),
  example("T7", "Blobs are compared", reading("$b: Book  $x = $y", "$x: Blob, $y: Blob")),
  example("T8", "texts are summed", returning("sum($b.title) as total")),
  example("T8", "lists are compared for their least", returning("min($m.nicknames) as least")),
  example("T8", "days are compared for their greatest", returning("max($b.printed) as latest")),
  example("T9", "a negation is about nothing outside it", reading("$m: Member  not { $b: Book }")),
  example(
    "T9",
    "only a negation inside the negation uses an outer variable",
    reading("$m: Member  not { not { $m follows $f } }"),
  ),
  example("T9", "a literal stands beside an aggregate", returning("1 as one, count($m) as n")),
  example("T10", "a type is deleted that does not exist", changing('delete Reader where email = "a"')),
  example(
    "T11",
    "a property is assigned that does not exist",
    changing('update Member set { rank: 1 } where email = "a"'),
  ),
  example(
    "T11",
    "a predicate names a property that does not exist",
    changing('delete Member where rank = "a"'),
  ),
  example("T11", "a Blob limits a delete", changing("delete Book where cover = $c", "$c: String")),
  example(
    "T12",
    "a required property is left out",
    changing(
      "insert Visit { note: $n }  insert Branch { town: $n }  insert Member { email: $n }",
      "$n: String",
    ),
  ),
  example("T12", "an edge has no target", changing("insert Follows { from: $a }", "$a: String")),
  example(
    "T12",
    "neither a vector nor the text it is made from is assigned",
    changing("insert Poem { mood: $m }", "$m: Vector(2)"),
  ),
  example(
    "T13",
    "a property is assigned twice, even of an unknown type",
    changing("insert Reader { a: 1, a: 2 }"),
  ),
  example("T14", "a value is not declared", changing("insert Branch { town: $nowhere }")),
  example("T15", "a traversal takes no hop", reading("$m: Member  $m follows{0,1} $f")),
  example("T15", "the bounds are the wrong way round", reading("$m: Member  $m follows{3,1} $f")),
  example("T15", "the upper bound is left open", reading("$m: Member  $m follows{1,} $f")),
  example(
    "T15",
    "nearest is asked for a text property",
    returning("$b.isbn", 'order { nearest($b.title, "x") } limit 3'),
  ),
  example(
    "T15",
    "nearest compares vectors of two lengths",
    returning("$b.isbn", "order { nearest($b.taste, [1, 2]) } limit 3"),
  ),
  example(
    "T15",
    "nearest is given a vector parameter of another length",
    returning("$b.isbn", "order { nearest($b.taste, $v) } limit 3", "$v: Vector(2)"),
  ),
  example("T15", "nearest is given a number", returning("$b.isbn", "order { nearest($b.taste, 3) } limit 3")),
  example(
    "T15",
    "nearest names an unbound variable",
    returning("$b.isbn", "order { nearest($z.taste, $v) } limit 3", "$v: Vector(3)"),
  ),
  example(
    "T15",
    "nearest names an unknown property",
    returning("$b.isbn", "order { nearest($b.tastes, $v) } limit 3", "$v: Vector(3)"),
  ),
  example("T16", "an edge is updated", changing('update Follows set { closeness: 0.5 } where from = "a"')),
  example(
    "T17",
    "nearest orders without a limit",
    returning("$b.isbn", "order { nearest($b.taste, $v) }", "$v: Vector(3)"),
  ),
  example(
    "T18",
    "an alias is ordered by beside nearest",
    returning("$b.isbn as code", "order { nearest($b.taste, $v), code } limit 3", "$v: Vector(3)"),
  ),
  example("T19", "a number is searched", reading('$m: Member  search($m.age, "x")')),
  example("T19", "a number is searched for", reading("$m: Member  search($m.email, 3)")),
  example("T19", "the number of edits has a fraction", reading('$m: Member  fuzzy($m.email, "x", 1.5)')),
  example("T20", "match_text looks into a number", reading('$m: Member  match_text($m.age, "x")')),
  example("T20", "bm25 looks for a number", returning("$b.isbn", "order { bm25($b.title, 3) }")),
  example(
    "T21",
    "rrf orders without a limit",
    returning("$b.isbn", 'order { rrf(nearest($b.taste, $v), bm25($b.title, "x")) }', "$v: Vector(3)"),
  ),
  example(
    "T21",
    "the constant of rrf is zero",
    returning(
      "$b.isbn",
      'order { rrf(nearest($b.taste, $v), bm25($b.title, "x"), 0) } limit 3',
      "$v: Vector(3)",
    ),
  ),
  example(
    "T21",
    "the constant of rrf is a text",
    returning(
      "$b.isbn",
      'order { rrf(nearest($b.taste, $v), bm25($b.title, "x"), "k") } limit 3',
      "$v: Vector(3)",
    ),
  ),
  example("T22", "an edge between two types is followed both ways", reading("$m: Member  $m <borrows> $b")),
  example("T23", "a path of several edges is given one name", reading("$m: Member  $m $e:follows{1,2} $f")),
  example("T23", "an edge has the name of its source", reading("$m: Member  $m $m:follows $f")),
  example("T23", "an edge has the name of a node", reading("$m: Member  $f: Member  $m $f:follows $g")),
  example(
    "T23",
    "an edge is the source of a traversal",
    reading("$m: Member  $m $e:follows $f  $e follows $g"),
  ),
  example("T23", "an edge is bound to a node type", reading("$m: Member  $m $e:follows $f  $e: Member")),
  example("T23", "an edge is returned", "query q() { match { $m: Member  $m $e:follows $f } return { $e } }"),
  example(
    "T23",
    "a property of an edge is searched",
    reading('$m: Member  $m $e:borrows $b  search($e.remark, "x")'),
  ),
  example("T24", "a Blob property of a node is returned", returning("$b.cover")),
  example(
    "T24",
    "a Blob property of an edge is counted",
    "query q() { match { $m: Member  $m $e:borrows $b } return { count($e.scan) as n } }",
  ),
  example("T24", "a Blob parameter is returned", returning("$c", "", "$c: Blob")),
  example("T24", "a Blob parameter is counted", returning("count($c) as n", "", "$c: Blob")),
  example("T24", "a Blob parameter is ordered by", returning("$b.isbn", "order { $c }", "$c: Blob")),
  example(
    "query_reserved_parameter",
    "the clock is declared as a parameter",
    reading("$m: Member", "$__nanograph_now: DateTime"),
  ),
  example("query_parameter_type", "a vector has no numbers", reading("$m: Member", "$v: Vector(0)")),
  example("query_variable_retyped", "a variable is given two types", reading("$m: Member  $m: Book")),
  example("query_unbound_variable", "a variable stands alone and is not bound", returning("$nobody")),
  example("query_nested_list", "a list holds a list", reading("$m: Member  $m.age = [[1]]")),
  example(
    "query_mixed_list",
    "a list holds a number and a text",
    reading('$m: Member  $m.marks contains [1, "x"]'),
  ),
];
