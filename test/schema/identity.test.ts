/** Stable identities: who keeps an id, who gets one, which hints are refused (spec/schema 6.3, 6.4). */
import { describe, expect, it } from "vitest";
import { resolveIdentity } from "../../lib/schema/identity.ts";
import { IDENTITY_ID_MAX } from "../../lib/schema/limits.ts";
import { accept, compiled, DOMAIN, identityCodes } from "./accept.ts";

function ids(ir: ReturnType<typeof accept>): Readonly<Record<string, number>> {
  const tables = [...ir.nodes, ...ir.edges];
  return Object.fromEntries([
    ...[...ir.interfaces, ...tables].flatMap((type) => [
      [type.name, type.type_id],
      ...type.properties.map((each) => [`${type.name}.${each.name}`, each.property_id]),
    ]),
    ...tables.map((each) => [`${each.name}#`, each.table_incarnation_id]),
  ]);
}

describe("the identities of a new graph", () => {
  it("come from one counter: types by kind and name, properties by owner, incarnations (spec/schema 6.3)", () => {
    // Prepare
    const source =
      "edge On: Zoo -> Ape { at: Date } node Zoo { b: I32 a: I32 } node Ape implements Live {} interface Live { age: I32 }";

    // Act
    const ir = accept(source);

    // Assess
    expect(ids(ir)).toEqual({
      Live: 1,
      Ape: 2,
      Zoo: 3,
      On: 4,
      "Live.age": 5,
      "Ape.age": 6,
      "Zoo.a": 7,
      "Zoo.b": 8,
      "On.at": 9,
      "Ape#": 10,
      "Zoo#": 11,
      "On#": 12,
    });
    expect(ir.next_identity_id).toBe(13);
    expect(ir.schema_identity_domain).toBe(DOMAIN);
  });

  it("link an injected property to its interface and endpoints to their nodes (spec/schema 6.2)", () => {
    const ir = accept("interface I { a: I32 } node N implements I {} edge E: N -> N { @unique(dst, src) }");
    expect(ir.nodes[0]?.properties[0]).toMatchObject({
      declared_directly: false,
      satisfies_interface_properties: [
        { owner_type_id: 1, owner_type_name: "I", property_id: 4, property_name: "a" },
      ],
    });
    expect(ir.edges[0]).toMatchObject({
      from_type: { type_id: 2, type_name: "N" },
      constraints: [
        {
          kind: "unique",
          fields: [{ kind: "system", role: "src", table_incarnation_id: 7 }, { role: "dst" }],
        },
      ],
    });
  });

  it("do not follow rename hints, which are noted as inert (spec/schema 6.4)", () => {
    const source = 'node A @rename_from("B") { a: I32 @rename_from("b") }';
    expect(identityCodes(null, source)).toEqual([
      "inert_initialization_rename_hint",
      "inert_initialization_rename_hint",
    ]);
  });

  it("need a canonical ULID as their domain", () => {
    for (const domain of ["", DOMAIN.toLowerCase(), `${DOMAIN}0`]) {
      expect(resolveIdentity(null, compiled("node A {}"), domain)).toMatchObject({
        tag: "invalid",
        diagnostics: [
          {
            code: "schema_identity_domain",
            message: expect.stringContaining("invalid schema identity domain"),
          },
        ],
      });
    }
  });
});

describe("the identities of a changed schema", () => {
  const before = accept(
    "node Ship { name: String tons: I32 } node Port { code: String } edge At: Ship -> Port",
  );

  it("stay with everything that keeps its name, in whatever order it is declared", () => {
    const after = accept(
      "edge At: Ship -> Port node Port { code: String } node Ship { tons: I32 name: String }",
      before,
    );
    expect(after).toEqual(before);
  });

  it("stay with what is renamed by a hint: type, property and incarnation (spec/schema 6.4)", () => {
    // Act
    const after = accept(
      'node Boat @rename_from("Ship") { name: String weight: I32 @rename_from(tons) } node Port { code: String } edge Near: Boat -> Port @rename_from("At")',
      before,
    );

    // Assess
    const [old, next] = [ids(before), ids(after)];
    expect(next["Boat"]).toBe(old["Ship"]);
    expect(next["Boat#"]).toBe(old["Ship#"]);
    expect(next["Boat.weight"]).toBe(old["Ship.tons"]);
    expect(next["Near"]).toBe(old["At"]);
    expect(after.next_identity_id).toBe(before.next_identity_id);
  });

  it("are new for what was dropped and added again under its name (spec/schema 6.4)", () => {
    const without = accept("node Ship { name: String } node Port { code: String }", before);
    const again = accept(
      "node Ship { name: String tons: I32 } node Port { code: String } edge At: Ship -> Port",
      without,
    );
    for (const name of ["Ship.tons", "At", "At#"])
      expect(ids(again)[name]).toBeGreaterThanOrEqual(before.next_identity_id);
  });

  it("come for new properties in the order of their owners' ids, which renames leave as they were (spec/schema 6.3)", () => {
    // Prepare: by name the owners stand the other way round than by id.
    const text =
      'node Zebra @rename_from("Port") { code: String y: I32 } node Boat @rename_from("Ship") { name: String tons: I32 x: I32 }';

    // Act
    const after = accept(text, before);

    // Assess
    expect(ids(before)["Port"]).toBeLessThan(ids(before)["Ship"] ?? 0);
    expect(ids(after)["Zebra.y"]).toBe(before.next_identity_id);
    expect(ids(after)["Boat.x"]).toBe(before.next_identity_id + 1);
  });

  it("keep the identity domain of the graph", () => {
    const result = resolveIdentity(before, compiled("node Ship {}"), "ignored");
    expect(result.tag === "resolved" && result.ir.schema_identity_domain).toBe(DOMAIN);
  });
});

describe("a rename hint", () => {
  const before = accept(
    "interface Named { title: String? } node A implements Named { x: I32 y: I32 } node B { z: I32 } edge E: A -> B",
  );
  const rest = "interface Named { title: String? } ";

  it.each([
    [
      "that has been applied before is ignored with a note",
      'node A implements Named { x: I32 @rename_from("w") y: I32 } node B @rename_from("C") { z: I32 } edge E: A -> B',
      ["ignored_exact_match_rename_hint", "ignored_exact_match_rename_hint"],
    ],
    [
      "of both of two swapped names is ignored with notes",
      'node A implements Named { x: I32 @rename_from("y") y: I32 @rename_from("x") } node B { z: I32 } edge E: A -> B',
      ["ignored_exact_match_rename_hint", "ignored_exact_match_rename_hint"],
    ],
    [
      "of a type that is not there is refused",
      'node C @rename_from("D") {}',
      ["schema_rename_target_unknown"],
    ],
    ["across kinds is refused", 'node C @rename_from("E") {}', ["schema_rename_across_kinds"]],
    [
      "for a type that another one continues is refused",
      'node A implements Named { x: I32 y: I32 } node C @rename_from("A") {}',
      ["schema_rename_claimed_twice"],
    ],
    [
      "of a property that is not there is refused",
      "node B { w: I32 @rename_from(v) }",
      ["schema_rename_target_unknown"],
    ],
    [
      "of a property of another type is refused",
      "node B { w: I32 @rename_from(x) }",
      ["schema_rename_target_unknown"],
    ],
    [
      "for a property that is claimed twice is refused",
      "node A implements Named { u: I32 @rename_from(x) v: I32 @rename_from(x) }",
      ["schema_rename_claimed_twice"],
    ],
    ["in a new type is refused", "node C { u: I32 @rename_from(x) }", ["schema_rename_new_owner"]],
    [
      "that an equal name shadows while the hinted one would be dropped is refused (spec/schema 10.18)",
      "node A implements Named { y: I32 @rename_from(x) }",
      ["schema_rename_shadowed"],
    ],
    [
      "of a type that an equal name shadows is refused as well",
      'node B @rename_from("A") { z: I32 }',
      ["schema_rename_shadowed"],
    ],
  ])("%s", (_, source, codes) => {
    expect(identityCodes(before, rest + source)).toEqual(codes);
  });

  it("on an interface property does no harm to a node that is new (spec/schema 6.4)", () => {
    // Prepare
    const source =
      "interface Named { label: String? @rename_from(title) } node A implements Named { x: I32 y: I32 } node N implements Named {}";

    // Act
    const result = resolveIdentity(before, compiled(source), DOMAIN);

    // Assess
    if (result.tag === "invalid") expect.fail("the schema was refused");
    expect(result.notes.map((each) => each.code)).toEqual(["inert_inherited_rename_hint"]);
    expect(ids(result.ir)["A.label"]).toBe(ids(before)["A.title"]);
    expect(ids(result.ir)["N.label"]).toBeGreaterThanOrEqual(before.next_identity_id);
  });

  it("is told to be wrong at its place, and for properties of other types by name", () => {
    const result = resolveIdentity(before, compiled(`${rest}\nnode B { w: I32 @rename_from(x) }`), DOMAIN);
    expect(result).toMatchObject({
      diagnostics: [{ source: { line: 2, column: 18 }, message: expect.stringContaining("it belongs to A") }],
    });
  });
});

describe("the space of identities", () => {
  it("is never left: an exhausted counter is an error (spec/schema 5, row 52)", () => {
    const before = { ...accept("node A {}"), next_identity_id: IDENTITY_ID_MAX - 1 };
    expect(identityCodes(before, "node A { a: I32? }")).toEqual([]);
    expect(identityCodes(before, "node A { a: I32? b: I32? }")).toEqual(["schema_identity_exhausted"]);
  });
});
