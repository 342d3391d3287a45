/** Whole plans as their readers see them: every member of every step, the names they use, the traps of renaming (spec/schema 6.4, 7). */
import { describe, expect, it } from "vitest";
import { migrationJson } from "../../lib/schema/migration-json.ts";
import { accept, identityCodes, plan, steps } from "./accept.ts";

const planned = (before: string, after: string, dataLoss = false): unknown =>
  JSON.parse(JSON.stringify(migrationJson(plan(before, after, dataLoss))));

const property = (scalar: unknown, more: object = {}): object => ({
  scalar,
  nullable: true,
  list: false,
  enum_values: null,
  ...more,
});

describe("a supported plan", () => {
  it("names every member of every step, in the order of the contract (spec/schema 7, 7.1)", () => {
    // Prepare
    const before = `node Song { title: String @key beats: I32? mood: enum(calm, loud) old: Bool }
      node Band { name: String @key } edge Plays: Band -> Song { since: Date? }`;
    const after = `interface Tagged { tag: String? }
      node Track @rename_from("Song") @description("A piece") { title: String @key beats: I32? @index
        feel: enum(loud, calm, sad) @rename_from("mood") lyrics: [String]? sound: Vector(4)? }
      node Band { name: String @key @description("As printed") } edge Performs: Band -> Track @rename_from("Plays") {}`;
    const node = { type_kind: "node", type_name: "Track" };

    // Act and assess
    expect(planned(before, after)).toEqual({
      supported: true,
      steps: [
        { kind: "add_type", type_kind: "interface", name: "Tagged" },
        {
          kind: "update_property_metadata",
          type_kind: "node",
          type_name: "Band",
          property_name: "name",
          annotations: [{ name: "description", value: "As printed" }],
        },
        { kind: "rename_type", type_kind: "node", from: "Song", to: "Track" },
        {
          kind: "update_type_metadata",
          type_kind: "node",
          name: "Track",
          annotations: [{ name: "description", value: "A piece" }],
        },
        { kind: "add_constraint", ...node, constraint: { Index: ["beats"] } },
        { kind: "rename_property", ...node, from: "mood", to: "feel" },
        { kind: "extend_enum", ...node, property_name: "feel", added_values: ["sad"] },
        {
          kind: "add_property",
          ...node,
          property_name: "lyrics",
          property_type: property("String", { list: true }),
        },
        { kind: "add_property", ...node, property_name: "sound", property_type: property({ Vector: 4 }) },
        {
          kind: "drop_property",
          type_kind: "node",
          type_name: "Song",
          property_name: "old",
          mode: "soft",
        },
        { kind: "rename_type", type_kind: "edge", from: "Plays", to: "Performs" },
        {
          kind: "drop_property",
          type_kind: "edge",
          type_name: "Plays",
          property_name: "since",
          mode: "soft",
        },
      ],
    });
  });

  it("gives the whole list of annotations that remain, which may be empty (spec/schema 7.2)", () => {
    expect(planned('node Song @description("x") @shown("y") {}', 'node Song @shown("y") {}')).toMatchObject({
      steps: [{ kind: "update_type_metadata", annotations: [{ name: "shown", value: "y" }] }],
    });
    expect(planned('node Song { a: I32 @description("x") }', "node Song { a: I32 }")).toMatchObject({
      steps: [{ kind: "update_property_metadata", annotations: [] }],
    });
  });

  it("hardens drops alone where data may be lost (spec/schema 7.3)", () => {
    expect(planned("node Song { a: I32? b: I32? } node Band {}", "node Song { b: I32? }", true)).toEqual({
      supported: true,
      steps: [
        { kind: "drop_property", type_kind: "node", type_name: "Song", property_name: "a", mode: "hard" },
        { kind: "drop_type", type_kind: "node", name: "Band", mode: "hard" },
      ],
    });
  });

  it("adds the constraints of new properties after all properties, by kind and id (spec/schema 7.1)", () => {
    expect(
      steps("node Song { z: I32 }", "node Song { a: I32? @unique @index b: I32? @index z: I32 @index }"),
    ).toEqual([
      "add_property node Song.a",
      "add_property node Song.b",
      "add_constraint node Song Index",
      "add_constraint node Song Index",
      "add_constraint node Song Index",
      "add_constraint node Song Unique",
    ]);
  });
});

describe("a refused plan", () => {
  it("lists supported and refused steps alike; a code is there only where one exists (spec/schema 7.5)", () => {
    const found = planned(
      "node Song { title: String @key beats: I32? mood: enum(calm, loud) }",
      "node Song { title: String @key beats: I64? mood: enum(calm, loud) owner: String note: String? }",
    );

    expect(found).toEqual({
      supported: false,
      steps: [
        {
          kind: "unsupported_change",
          entity: "node:Song.beats",
          reason: expect.stringContaining("changing property type"),
          code: "OG-MF-106",
        },
        {
          kind: "add_property",
          type_kind: "node",
          type_name: "Song",
          property_name: "note",
          property_type: property("String"),
        },
        {
          kind: "unsupported_change",
          entity: "node:Song.owner",
          reason: expect.stringContaining("required"),
          code: "OG-MF-103",
        },
      ],
    });
  });

  it.each([
    ["@embed", "node S { a: String v: Vector(2) }", "node S { a: String v: Vector(2) @embed(a) }"],
    ["property constraints", "node S { a: I32 @unique }", "node S { a: I32 @unique(a) }"],
    [
      "declaration provenance",
      "interface I { a: I32 } node S implements I { a: I32 }",
      "interface I { a: I32 } node S implements I {}",
    ],
    [
      "satisfaction links",
      "interface I { a: I32 } interface J { a: I32 } node S implements I, J {}",
      "interface I { a: I32 } interface J { b: I32? } node S implements I, J {}",
    ],
    ["changing property type", "node S { a: Date }", "node S { a: DateTime }"],
    ["changing property type", "node S { a: String }", "node S { a: Blob }"],
    ["changing property type", "node S { a: I32? }", "node S { a: I32 }"],
  ])("says %s where tests look for it (spec/schema 7.5)", (fragment, before, after) => {
    const reasons = plan(before, after).steps.flatMap((each) =>
      each.kind === "unsupported_change" ? [each.reason] : [],
    );

    expect(reasons.join("\n")).toContain(fragment);
  });

  it.each([
    ["a key changes its columns", "node S { a: I32 b: I32 @key(a) }", "node S { a: I32 b: I32 @key(b) }", 2],
    ["a pattern changes", 'node S { a: String @check(a, "x") }', 'node S { a: String @check(a, "y") }', 2],
    ["a key is added bare", "node S { a: I32 }", "node S { a: I32 @key }", 2],
    ["a key is added in the body", "node S { a: I32 b: I32 }", "node S { a: I32 b: I32 @key(a, b) }", 1],
    [
      "three constraints go",
      "node S { a: I32 b: I32 @index(a) @unique(b) @range(a, 0..1) }",
      "node S { a: I32 b: I32 }",
      1,
    ],
    [
      "an end and a cardinality change",
      "node S {} node T {} edge E: S -> S",
      "node S {} node T {} edge E: S -> T @card(0..1)",
      2,
    ],
    [
      "a cardinality loses its maximum",
      "node S {} edge E: S -> S @card(0..1)",
      "node S {} edge E: S -> S",
      1,
    ],
  ])(
    "has one refusal for each thing that tells it apart when %s (spec/schema 7.2)",
    (_, before, after, count) => {
      expect(plan(before, after).steps.map((each) => each.kind)).toEqual(
        Array.from({ length: count }, () => "unsupported_change"),
      );
    },
  );
});

describe("traps of renaming (spec/schema 6.4)", () => {
  it("leaves two swapped names as they are, with a note for each", () => {
    const after = 'node A @rename_from("B") { x: I32 } node B @rename_from("A") { x: I32 }';

    expect(steps("node A { x: I32 } node B { x: I32 }", after)).toEqual([]);
    expect(identityCodes(accept("node A { x: I32 } node B { x: I32 }"), after)).toEqual([
      "ignored_exact_match_rename_hint",
      "ignored_exact_match_rename_hint",
    ]);
  });

  it("refuses to give an old name to something new while it is still being renamed away", () => {
    expect(identityCodes(accept("node A {}"), 'node B @rename_from("A") {} node A {}')).toEqual([
      "schema_rename_claimed_twice",
    ]);
  });

  it("lets a stale hint of an interface do no harm to a new node", () => {
    const before = "interface I { a: I32? }";

    expect(steps(before, 'interface I { a: I32? @rename_from("z") } node N implements I {}')).toEqual([
      "add_type node N",
    ]);
  });

  it("follows a renamed endpoint without calling it a change", () => {
    expect(
      steps(
        "node A {} edge E: A -> A @card(0..3) {}",
        'node B @rename_from("A") {} edge E: B -> B @card(0..3)',
      ),
    ).toEqual(["rename_type node A B"]);
  });
});
