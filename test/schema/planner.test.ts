/** The migration planner: every row of the decision table of spec/schema 7.2, the order of 7.1, the drops of 7.3. */
import { describe, expect, it } from "vitest";
import { planMigration } from "../../lib/schema/planner.ts";
import { accept, plan, steps } from "./accept.ts";
import { PORT, SHIP, SUPPORTED, UNSUPPORTED } from "./migration-examples.ts";

describe("a migration", () => {
  it.each(SUPPORTED)("is supported when %s", (_, before, after, expected) => {
    expect(steps(before, after)).toEqual(expected);
    expect(plan(before, after).supported).toBe(true);
  });

  it.each(UNSUPPORTED)("is not supported when %s", (_, before, after, expected) => {
    expect(steps(before, after)).toEqual(expected);
    expect(plan(before, after).supported).toBe(false);
  });

  it("orders rename, metadata, properties by name, drops and constraints of a type (spec/schema 7.1)", () => {
    // Prepare
    const before = `${PORT} node Ship { a: I32 m: enum(x) n: I32 z: I32 } edge At: Ship -> Port { on: Date? }`;
    const after = `
      interface I {} node Yard {}
      node Boat @rename_from("Ship") @description("floats") { c: I32? @index m2: enum(x, y) @rename_from(m) n: I32? @description("n") z: I32 @index(z, n) }
      edge At: Boat -> Yard @card(0..1) { on: Date? }
    `;

    // Act and assess
    expect(steps(before, after)).toEqual([
      "add_type interface I",
      "rename_type node Ship Boat",
      "update_type_metadata node Boat",
      "add_property node Boat.c",
      "rename_property node Boat.m m2",
      "extend_enum node Boat.m2 y",
      "relax_property node Boat.n",
      "update_property_metadata node Boat.n",
      "drop_property node Ship.a",
      "add_constraint node Boat Index",
      "add_constraint node Boat Index",
      "add_type node Yard",
      "drop_type node Port",
      "unsupported edge:At",
      "unsupported edge:At",
    ]);
  });

  it("writes each step in the words of its contract (spec/schema 7)", () => {
    const { steps: found } = plan(
      "node Ship { a: enum(x) gone: I32? }",
      'node Ship @description("d") { a: enum(x, y) b: [String]? c: I32 }',
    );
    expect(found).toEqual([
      {
        kind: "update_type_metadata",
        type_kind: "node",
        name: "Ship",
        annotations: [{ name: "description", value: "d" }],
      },
      { kind: "extend_enum", type_kind: "node", type_name: "Ship", property_name: "a", added_values: ["y"] },
      {
        kind: "add_property",
        type_kind: "node",
        type_name: "Ship",
        property_name: "b",
        property_type: { scalar: "String", nullable: true, list: true, enum_values: null },
      },
      {
        kind: "unsupported_change",
        entity: "node:Ship.c",
        reason: expect.stringContaining("required property"),
        code: "OG-MF-103",
      },
      { kind: "drop_property", type_kind: "node", type_name: "Ship", property_name: "gone", mode: "soft" },
    ]);
  });

  it("names in a refusal what tests and people look for (spec/schema 7.5)", () => {
    const reasons = (before: string, after: string) =>
      plan(before, after).steps.flatMap((each) => (each.kind === "unsupported_change" ? [each.reason] : []));
    expect(reasons("node S { a: I32 }", "node S { a: I64 }")[0]).toContain("changing property type");
    expect(reasons("node S { a: I32 @index }", "node S { a: I32 }")[0]).toContain("property constraints");
    expect(reasons("node S { a: I32 b: I32 @unique(a, b) }", "node S { b: I32 }")[0]).toContain(
      "@unique(a, b), which mentions the dropped a",
    );
    expect(reasons("node S { a: I32 @key }", "node S {}")[0]).toContain("identity is derived from it");
  });

  it("turns every drop into a hard one when data loss is allowed, and nothing else (spec/schema 7.3)", () => {
    // Prepare
    const before = `${SHIP} node Port { code: String @key size: I32? } edge At: Ship -> Port`;
    const after = "node Port { code: String @key note: String? }";

    // Act
    const soft = plan(before, after, false);
    const hard = plan(before, after, true);

    // Assess
    const modes = (steps: typeof soft.steps) => steps.flatMap((each) => ("mode" in each ? [each.mode] : []));
    expect(modes(soft.steps)).toEqual(["soft", "soft", "soft"]);
    expect(modes(hard.steps)).toEqual(["hard", "hard", "hard"]);
    expect(hard.steps.filter((each) => !("mode" in each))).toEqual(
      soft.steps.filter((each) => !("mode" in each)),
    );
  });

  it("refuses an interface that only a hand-made schema renames", () => {
    const before = accept("interface I { a: I32 }");
    const after = { ...before, interfaces: before.interfaces.map((each) => ({ ...each, name: "J" })) };
    expect(planMigration(before, after, { data_loss: false })).toMatchObject({
      supported: false,
      steps: [{ kind: "unsupported_change", entity: "interface:J" }],
    });
  });

  it("refuses a difference that no rule explains as unclassified", () => {
    const before = accept(SHIP);
    const after = { ...before, next_identity_id: before.next_identity_id + 1 };
    expect(planMigration(before, after, { data_loss: false })).toMatchObject({
      supported: false,
      steps: [{ entity: "schema", reason: expect.stringContaining("unclassified") }],
    });
  });
});

describe("schemas that do not belong together", () => {
  const before = { ...accept("node A { a: I32 } node B { b: I32 }"), next_identity_id: 20 };

  it.each([
    ["the identity domain differs", { ...before, schema_identity_domain: "01BX5ZZKBKACTAV9WEVGEMMVS0" }],
    ["the counter runs back", { ...before, next_identity_id: before.next_identity_id - 1 }],
    [
      "a new id is below the counter",
      { ...before, interfaces: [{ type_id: 10, name: "I", properties: [] }] },
    ],
    [
      "an incarnation changes",
      {
        ...before,
        nodes: before.nodes.map((each) => ({
          ...each,
          table_incarnation_id: each.table_incarnation_id === 5 ? 6 : 5,
        })),
      },
    ],
    [
      "a property moves",
      {
        ...before,
        nodes: before.nodes.map((each, index) => ({
          ...each,
          properties: before.nodes[1 - index]!.properties,
        })),
      },
    ],
  ])("stop the planner when %s", (_, after) => {
    expect(() => planMigration(before, after, { data_loss: false })).toThrow("internal error");
  });
});
