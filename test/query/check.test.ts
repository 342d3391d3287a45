/** The checklist of spec/query 13 and section 12, case by case. */
import { describe, expect, it } from "vitest";
import { checkQuery } from "../../lib/query/check.ts";
import { displayError } from "../../lib/query/display-error.ts";
import { TYPE_ERRORS } from "./examples.ts";
import { changing, check, codesOf, errorsOf, library, parseOne, reading, returning } from "./library.ts";
import { RULE_ERRORS, WARNINGS } from "./rule-examples.ts";

describe("errors that the reference knows (spec/query 5, 6)", () => {
  it.each(TYPE_ERRORS)("refuses with $code when $because", ({ code, query }) => {
    expect(codesOf(errorsOf(query))[0]).toBe(code);
  });
});

describe("queries that the reference would run wrongly (spec/query 12)", () => {
  it.each(RULE_ERRORS)("refuses with $code when $because", ({ code, query }) => {
    expect(codesOf(errorsOf(query))).toEqual([code]);
  });
});

describe("warnings (spec/query 12)", () => {
  it.each(WARNINGS)("accepts and warns with $code when $because", ({ code, query }) => {
    const checked = check(query);

    expect(checked.tag).toBe("checked");
    expect(checked.tag === "checked" && codesOf(checked.warnings)).toContain(code);
  });
});

describe("queries that are right (spec/query 13)", () => {
  it.each([
    ["a list is asked for one of its elements", reading('$m: Member { nicknames: "kim" }')],
    ["an integer property is matched with a fraction", reading("$m: Member { age: 1.5 }")],
    ["a vector has the right length", reading("$b: Book { taste: [1, 2.5, 3] }")],
    ["an edge is written from its target", reading("$b: Book  $b borrows $m  $m.age > 3")],
    ["an edge word is written in lower case throughout", reading("$m: Member  $m memberof $b")],
    ["a text contains a text", reading('$m: Member  $m.email contains "@"')],
    ["a literal contains a property", reading('$m: Member  "a@b" contains $m.email')],
    ["a list contains a parameter", reading("$m: Member  $m.nicknames contains $n", "$n: String")],
    ["a list contains a number of another width", reading("$m: Member  $m.marks contains 2.5")],
    ["a text begins with a text", reading('$m: Member  $m.email starts_with "a"')],
    ["numbers of all widths are compared", reading("$m: Member  $m.age < $m.score  $m.points >= 3")],
    ["Booleans are ordered", reading("$m: Member  true > false  $m.age = 1")],
    [
      "an edge has a name on one hop that is written out",
      reading("$m: Member  $m $e:follows{1,1} $f  $e.closeness > 0.5"),
    ],
    [
      "an edge within one type is followed both ways",
      reading("$m: Member  $m <follows>{1,3} $f  $f.age > 3"),
    ],
    ["the anonymous edge is followed to the anonymous node", reading("$m: Member  $m $_:follows $_")],
    [
      "a negation tests a property of an outer variable",
      reading("$m: Member  not { $m borrows $b  $b.title = $m.email }"),
    ],
    [
      "a negation holds a negation about an outer variable",
      reading("$m: Member  not { $m follows $f  not { $f borrows $_ } }"),
    ],
    [
      "two negations use one name each for themselves",
      reading("$m: Member  not { $m follows $f }  not { $f: Member  $m.age = $f.age }"),
    ],
    [
      "a variable is bound after the edge that reaches it",
      reading('$m: Member  $m borrows $b  $b: Book { title: "x" }'),
    ],
    [
      "the searched variable is bound first",
      reading('$b: Book  $m borrows $b  search($b.title, "x")  $m.age > 3'),
    ],
    [
      "a variable of a negation is searched there",
      reading('$m: Member  not { $b: Book  search($b.title, "x")  $b.isbn = $m.email }'),
    ],
    ["limit is zero", "query q() { match { $m: Member } return { $m.email } limit 0 }"],
    ["an alias is ordered by", returning("$m.email as mail", "order { mail desc }")],
    [
      "a column without an alias is ordered by the name that it has",
      returning("$m.email, count($b)", "order { b }"),
    ],
    [
      "aggregates stand beside group keys",
      returning("$m.email, $m, count($b) as n, min($b.title) as first, avg($m.age) as mean"),
    ],
    ["a parameter is aggregated", returning("sum($n) as total", "", "$n: I64")],
    [
      "two rankings of one variable are fused",
      'query q($v: Vector(3)) { match { $b: Book } return { $b.isbn } order { rrf(nearest($b.taste, $v), bm25($b.title, "x"), 60) desc } limit 3 }',
    ],
    [
      "nearest takes a text",
      'query q() { match { $b: Book } return { $b.isbn } order { nearest($b.taste, "x") } limit 3 }',
    ],
    ["the time is compared with an instant", reading("$m: Member  $m.joined < now()")],
    [
      "a Blob is assigned from a text parameter",
      changing('update Book set { cover: $c } where isbn = "1"', "$c: String"),
    ],
    ["an integer is stored as a float", changing('update Member set { score: 3 } where email = "a"')],
    [
      "an integer parameter is stored as a float",
      changing('update Member set { score: $s } where email = "a"', "$s: I32"),
    ],
    ["the ends of an edge limit a delete", changing('delete Borrows where from = "a"')],
    ["a bare day stands for an instant", reading('$m: Member { joined: datetime("2024-02-29") }')],
    ["a leap day is compared", reading('$b: Book { printed: date("2024-02-29") }')],
  ])("accepts it when %s", (_because, query) => {
    expect(errorsOf(query)).toEqual([]);
  });
});

describe("reports", () => {
  it("reports all independent errors in the order of the checks (spec/query 5.1)", () => {
    const query = `query q($v: Vector(0)) {
      match { $m: Reader  $b: Book { titel: "x" }  $b lends $c  $b.isbn > 3 }
      return { sum($b.title) as s }
      order { nearest($b.taste, [1]) }
    }`;

    expect(codesOf(errorsOf(query))).toEqual([
      "query_parameter_type",
      "T1",
      "T2",
      "T4",
      "T7",
      "T8",
      "T15",
      "T17",
    ]);
  });

  it("says nothing more about a variable whose type is unknown", () => {
    const query =
      "query q() { match { $m: Reader { x: 1 }  $m borrows $b  $m.age > 3 } return { $m, $m.age, sum($m.age) as s } order { $m.age } }";

    expect(codesOf(errorsOf(query))).toEqual(["T1"]);
  });

  it("reports an unbound variable once", () => {
    expect(codesOf(errorsOf(reading("$m: Member  $x.age > 3  $x.age < 9")))).toEqual(["T6"]);
  });

  it("puts errors of the reference before those that only Graphform raises", () => {
    const query = reading("$m: Member { email: $nobody }  $m lends $b");

    expect(codesOf(errorsOf(query))).toEqual(["T4", "query_unknown_parameter"]);
  });

  it("reports every missing required property in the order of the schema (T12)", () => {
    const missing = errorsOf(changing('insert Book { blurb: "x" }'));

    expect(missing.map(({ message }) => /`(\w+)`$/.exec(message)?.[1])).toEqual(["isbn", "title", "shelf"]);
  });

  it("gives each error file, line and column, from 1", () => {
    const query = parseOne(
      "query q() {\n  match {\n    $m: Member { agee: 3 }\n  }\n  return { $m.email }\n}",
    );
    const checked = checkQuery(library, query, "a/b.gq");

    expect(checked.tag === "invalid" && checked.diagnostics[0]?.source).toEqual({
      file: "a/b.gq",
      line: 3,
      column: 18,
    });
  });

  it.each([
    [reading("$m: Membr"), "did you mean `Member`?"],
    [reading("$m: Member { agee: 3 }"), "did you mean `age`?"],
    [reading("$m: Member  $m borows $b"), "did you mean `borrows`?"],
    [reading("$m: Member { email: $emial }", "$email: String"), "did you mean `$email`?"],
    [reading('$b: Book { shelf: "scince" }'), "did you mean `science`?"],
    [changing('update Membr set { age: 1 } where email = "a"'), "did you mean `Member`?"],
  ])("suggests the nearest existing name for %s", (query, suggestion) => {
    expect(errorsOf(query)[0]?.message).toContain(suggestion);
  });

  it("renders errors with the code of the reference and without ours (spec/query 5.13)", () => {
    expect(displayError(errorsOf(returning("$b.cover"))[0]!)).toMatch(
      /^type error: T24: Blob property `\$b\.cover` is/,
    );
    expect(displayError(errorsOf(returning("$nobody"))[0]!)).toMatch(/^type error: variable `\$nobody`/);
  });
});
