/** What a query is and touches (spec/query 7, 9). */
import { describe, expect, it } from "vitest";
import { changing, factsOf, returning } from "./library.ts";

function typesOf(facts: readonly { readonly kind: string; readonly type_name: string }[]): readonly string[] {
  return facts.map(({ kind, type_name }) => `${kind} ${type_name}`);
}

function propertiesOf(source: string): readonly string[] {
  return factsOf(source).properties.map(
    ({ type_name, property, access }) => `${type_name}.${property} ${access}`,
  );
}

describe("reads and writes by type (spec/query 9.1)", () => {
  it.each([
    ["a binding", "query q() { match { $m: Member } return { $m.email } }", ["node Member"], []],
    [
      "a traversal inside two negations",
      "query q() { match { $m: Member  not { $m follows $f  not { $f borrows $_ } } } return { $m.email } }",
      ["node Book", "node Member", "edge Borrows", "edge Follows"],
      [],
    ],
    ["an insert of a node", changing('insert Branch { town: "a" }'), ["node Branch"], ["node Branch"]],
    [
      "an insert of an edge",
      changing('insert MemberOf { from: "a", to: "b" }'),
      ["node Branch", "node Member", "edge MemberOf"],
      ["edge MemberOf"],
    ],
    [
      "an update",
      changing('update Member set { age: 3 } where email = "a"'),
      ["node Member"],
      ["node Member"],
    ],
    [
      "a delete of a node, with the edges at it",
      changing('delete Member where email = "a"'),
      ["node Member", "edge Borrows", "edge Follows", "edge MemberOf"],
      ["node Member", "edge Borrows", "edge Follows", "edge MemberOf"],
    ],
    ["a delete of an edge", changing('delete Follows where from = "a"'), ["edge Follows"], ["edge Follows"]],
  ])("names the types of %s, nodes before edges", (_what, source, reads, writes) => {
    const facts = factsOf(source);

    expect(typesOf(facts.reads)).toEqual(reads);
    expect(typesOf(facts.writes)).toEqual(writes);
  });
});

describe("properties (spec/query 9.2)", () => {
  it("names what a read compares, returns, orders, aggregates, searches and ranks", () => {
    const source = `query q($v: Vector(3)) {
      match { $b: Book { shelf: "travel" }  $m $e:borrows $b  $e.since > date("2024-01-01")  match_text($b.blurb, "x") }
      return { $m.email, count($m.age) as n, max($b.title) as t, $m }
      order { rrf(nearest($b.taste, $v), bm25($b.title, "x")) }
      limit 3
    }`;

    expect(propertiesOf(source)).toEqual([
      "Book.blurb search",
      "Book.shelf read",
      "Book.taste rank",
      "Book.title rank",
      "Book.title read",
      "Member.age read",
      "Member.email read",
      "Member.id read",
      "Borrows.from read",
      "Borrows.since read",
      "Borrows.to read",
    ]);
  });

  it("counts every property of a type as written by an insert, which replaces the row", () => {
    expect(propertiesOf(changing('insert Visit { note: "x" }'))).toEqual([
      "Visit.note required",
      "Visit.note write",
    ]);
    expect(propertiesOf(changing('insert MemberOf { from: "a", to: "b" }'))).toEqual([
      "Branch.id read",
      "Member.id read",
      "MemberOf.from write",
      "MemberOf.to write",
    ]);
  });

  it("names what an update writes and what limits it", () => {
    expect(propertiesOf(changing("update Member set { age: 3 } where score > 0.5"))).toEqual([
      "Member.age write",
      "Member.score read",
    ]);
  });
});

describe("description", () => {
  it("holds name, kind, texts and parameters in their canonical spelling", () => {
    const facts = factsOf(
      'query q($a: [ String ]?, $v: Vector( 3 )) @description("D") @instruction("I") { match { $b: Book { taste: $v } } return { $b.title, $a } }',
    );

    expect(facts).toMatchObject({
      name: "q",
      kind: "read",
      description: "D",
      instruction: "I",
      parameters: [
        { name: "a", type: "[String]", nullable: true },
        { name: "v", type: "Vector(3)", nullable: false },
      ],
    });
  });

  it("is JSON and comes back from it unchanged", () => {
    const facts = factsOf(returning("$m, $b.taste, count($m) as n"));

    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });
});

describe("result (spec/query 7)", () => {
  it.each([
    ["$m.age", { name: "age", kind: "int", nullable: true }],
    ["$m.points", { name: "points", kind: "int", nullable: true }],
    ["$m.score", { name: "score", kind: "float", nullable: true }],
    ["$m.joined", { name: "joined", kind: "datetime", nullable: false }],
    ["$b.printed as d", { name: "d", kind: "date", nullable: true }],
    ["$b.shelf", { name: "shelf", kind: "string", nullable: false }],
    ["$b.taste", { name: "taste", kind: "vector", nullable: true, vector_dim: 3 }],
    ["$m.nicknames", { name: "nicknames", kind: "list", nullable: true, item_kind: "string" }],
    ["$m", { name: "m", kind: "object", nullable: false }],
    ["$p", { name: "p", kind: "bigint", nullable: true }],
    ["3", { name: "literal", kind: "bigint", nullable: false }],
    ["now()", { name: "now", kind: "datetime", nullable: false }],
    ['search($b.title, "x")', { name: "search", kind: "bool", nullable: false }],
    ['bm25($b.title, "x")', { name: "bm25", kind: "float", nullable: false }],
    ["count($m)", { name: "count", kind: "bigint", nullable: true }],
    ["avg($m.age)", { name: "avg", kind: "float", nullable: true }],
    ["min($m.age)", { name: "min", kind: "int", nullable: true }],
    ["max($b.title) as t", { name: "t", kind: "string", nullable: true }],
  ])("describes the column of `%s`", (projection, field) => {
    expect(factsOf(returning(projection, "", "$p: I64?")).result).toEqual([field]);
  });

  it("is empty for a mutation", () => {
    expect(factsOf(changing('delete Branch where town = "a"')).result).toEqual([]);
  });
});
