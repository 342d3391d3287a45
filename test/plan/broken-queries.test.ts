/** Which schema change broke a query is said by name (spec/query 9.2). */
import { describe, expect, test } from "vitest";
import { breakingSteps } from "../../lib/plan/broken-queries.ts";
import type { QueryFacts } from "../../lib/query/facts.ts";
import type { MigrationStep } from "../../lib/schema/migration.ts";
import { appliedWorld, apply, plan } from "../apply/cluster.ts";
import { FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";

const FACTS: QueryFacts = {
  name: "q",
  kind: "read",
  description: null,
  instruction: null,
  parameters: [],
  result: [],
  reads: [{ kind: "node", type_name: "Person" }],
  writes: [],
  properties: [{ kind: "node", type_name: "Person", property: "age", access: "read" }],
};
const PERSON_TYPE = { type_kind: "node", type_name: "Person" } as const;

describe("a query that no longer fits", () => {
  test.each<readonly [MigrationStep, readonly string[]]>([
    [{ kind: "drop_type", type_kind: "node", name: "Person", mode: "soft" }, ["drops Person"]],
    [{ kind: "drop_type", type_kind: "node", name: "Pet", mode: "soft" }, []],
    [{ kind: "drop_property", ...PERSON_TYPE, property_name: "age", mode: "soft" }, ["drops Person.age"]],
    [{ kind: "drop_property", ...PERSON_TYPE, property_name: "note", mode: "soft" }, []],
    [{ kind: "rename_property", ...PERSON_TYPE, from: "age", to: "years" }, ["renames Person.age to years"]],
    [{ kind: "rename_type", type_kind: "node", from: "Person", to: "Human" }, ["renames Person to Human"]],
    [
      { kind: "unsupported_change", entity: "node:Person.age", reason: "the type differs" },
      ["changes node:Person.age: the type differs"],
    ],
    [{ kind: "unsupported_change", entity: "node:Pet.age", reason: "the type differs" }, []],
    [{ kind: "extend_enum", ...PERSON_TYPE, property_name: "age", added_values: ["x"] }, []],
  ])("was broken by %j exactly if it uses what that touches", (step, expected) => {
    expect(breakingSteps(FACTS, [step])).toEqual(expected);
  });

  test("uses a property under the name that its type had before", () => {
    const steps: readonly MigrationStep[] = [
      { kind: "rename_type", type_kind: "node", from: "Person", to: "Human" },
      { kind: "drop_property", type_kind: "node", type_name: "Human", property_name: "age", mode: "soft" },
    ];

    expect(breakingSteps(FACTS, steps)).toEqual(["renames Person to Human", "drops Human.age"]);
  });

  test("is named by plan and apply with the property and the change that broke it", async () => {
    const notes = "query notes() {\n  match { $p: Person }\n  return { $p.note }\n}\n";
    const queries = { find_person: FIND_PERSON, notes };
    const client = await appliedWorld({ graphs: { people: { schema: PERSON_WITH_NOTE, queries } } });
    const next = { graphs: { people: { schema: PERSON, queries } } };

    const outputs = [(await plan(client, next)).output, await apply(client, next)];

    for (const { ok, diagnostics } of outputs) {
      const explained = diagnostics.find((each) => each.code === "query_broken_by_schema");
      expect(ok).toBe(false);
      expect(explained?.path).toBe("query.people.notes");
      expect(explained?.message).toContain("drops Person.note");
      expect(diagnostics.filter((each) => each.code === "query_broken_by_schema")).toHaveLength(1);
    }
  });
});
