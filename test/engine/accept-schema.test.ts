/** From source text to an accepted schema, and on to the next one (spec/schema 6, 7). */
import { describe, expect, it } from "vitest";
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import { acceptFirst, evolve, unsupportedSteps } from "../../lib/engine/accept-schema.ts";
import type { AcceptedSchema } from "../../lib/engine/engine.ts";

const GRAPH = "company" as GraphId;
const LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as IncarnationId;
const SOURCE = "node Person { name: String @key  age: I32? }";

function accepted(): AcceptedSchema {
  const outcome = acceptFirst(SOURCE, LIFE, GRAPH);
  if (outcome.tag === "invalid") throw new Error(outcome.diagnostics[0]?.message);
  return outcome.schema;
}

describe("accepting a schema", () => {
  it("reports every error of a source under the address of the graph's schema", () => {
    const outcome = acceptFirst("node Person { a: Nothing }\nedge Knows: Person -> Ghost", LIFE, GRAPH);
    expect(outcome.tag).toBe("invalid");
    for (const each of outcome.tag === "invalid" ? outcome.diagnostics : []) {
      expect(each).toMatchObject({ path: "schema.company", source: { file: "company.pg" } });
    }
  });

  it("keeps the ids of what continues and gives new ones to what comes back under an old name", () => {
    const before = accepted();
    const dropped = evolve(before, "node Person { name: String @key }", false, GRAPH);
    if (dropped.tag === "invalid") throw new Error("invalid");
    const again = evolve(dropped.schema, SOURCE, false, GRAPH);
    if (again.tag === "invalid") throw new Error("invalid");
    const idsOf = (schema: AcceptedSchema) =>
      Object.fromEntries((schema.ir.nodes[0]?.properties ?? []).map((each) => [each.name, each.property_id]));
    expect(idsOf(again.schema)["name"]).toBe(idsOf(before)["name"]);
    expect(idsOf(again.schema)["age"]).toBeGreaterThan(idsOf(before)["age"] ?? 0);
  });

  it("says graph_migration_unsupported once for every step that cannot be made, and nothing for other steps", () => {
    const source = "node Person { name: String @key  age: I64?  boss: String  note: String? }";
    const outcome = evolve(accepted(), source, false, GRAPH);
    if (outcome.tag === "invalid") throw new Error("invalid");
    const diagnostics = unsupportedSteps(outcome.plan, GRAPH);
    expect(diagnostics.map((each) => each.code)).toEqual([
      "graph_migration_unsupported",
      "graph_migration_unsupported",
    ]);
    expect(diagnostics.map((each) => each.message).join("\n")).toMatch(
      /OG-MF-106.*Person\.age[\s\S]*OG-MF-103.*Person\.boss/,
    );
  });

  it("makes drops hard only where data loss is allowed", () => {
    for (const [dataLoss, mode] of [
      [false, "soft"],
      [true, "hard"],
    ] as const) {
      const outcome = evolve(accepted(), "node Person { name: String @key }", dataLoss, GRAPH);
      expect(outcome).toMatchObject({ plan: { steps: [{ kind: "drop_property", mode }] } });
    }
  });
});
