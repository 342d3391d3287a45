/** Plans as JSON data (spec/schema 7). */
import { describe, expect, it } from "vitest";
import { migrationJson } from "../../lib/schema/migration-json.ts";
import { plan } from "./accept.ts";

describe("the JSON form of a plan", () => {
  it("has bounds as numbers and everything else as in the plan", () => {
    // Prepare
    const before = 'node Ship { a: I32? b: F64? c: String? @range(a, 0..9) @range(b, ..0.5) @check(c, "x") }';
    const found = plan(before, "node Ship { d: I32? @index }");

    // Act
    const json = JSON.parse(JSON.stringify(migrationJson(found)));

    // Assess
    expect(json.supported).toBe(true);
    const constraints = json.steps.flatMap((each: { constraint?: unknown }) => each.constraint ?? []);
    expect(constraints).toEqual([
      { Check: { property: "c", pattern: "x" } },
      { Range: { property: "a", min: { Integer: 0 }, max: { Integer: 9 } } },
      { Range: { property: "b", min: null, max: { Float: 0.5 } } },
      { Index: ["d"] },
    ]);
  });
});
