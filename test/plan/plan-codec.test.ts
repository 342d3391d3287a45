/** The plan document as bytes: golden, strict, total (design 5). */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadDesired } from "../../lib/desired/desired.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { classify } from "../../lib/plan/classify.ts";
import { diffResources } from "../../lib/plan/diff.ts";
import { decodePlan } from "../../lib/plan/plan-codec.ts";
import { encodePlan, planDigest } from "../../lib/plan/plan-document.ts";
import { EXAMPLE_B, sampleBundle } from "../desired/sample-bundle.ts";
import { inputsOf, ledgerRecording } from "./changes.ts";
import { FULL_PLAN, SAMPLE_PLAN } from "./sample-plan.ts";

const GOLDEN = readFileSync(new URL("../golden/plan/plan-1.json", import.meta.url), "utf8");

function problemsOf(text: string): readonly string[] {
  const decoded = decodePlan(text, "my.plan");
  return decoded.tag === "invalid" ? decoded.diagnostics.map((each) => `${each.code} ${each.message}`) : [];
}

describe("the plan document", () => {
  test("of format version 1 is written exactly as the golden file has it, and read back", () => {
    expect(encodePlan(FULL_PLAN)).toBe(GOLDEN);
    const decoded = decodePlan(GOLDEN, "my.plan");
    expect(decoded).toEqual({ tag: "decoded", plan: FULL_PLAN });
    expect(decoded.tag === "decoded" && encodePlan(decoded.plan)).toBe(GOLDEN);
  });

  test("keeps every field of a plan that was just made, to the byte", () => {
    const desired = loadDesired(sampleBundle(EXAMPLE_B));
    const recorded = ledgerRecording(desired);
    const resources = Object.fromEntries(
      Object.entries(recorded.applied_revision.resources).map(([address, entry]) => [
        address,
        address.startsWith("schema.") ? entry : { digest: sha256(entry.digest), applies_to: ["graph.other"] },
      ]),
    );
    const state = { ...recorded, applied_revision: { config_digest: null, resources } };
    const inputs = { ...inputsOf([]), edges: desired.dependencies, state };
    const changes = classify({ ...inputs, changes: diffResources(desired, state) });
    const text = encodePlan({ ...SAMPLE_PLAN, changes });

    expect(changes.some((each) => each.rebound) && changes.some((each) => each.bound_to)).toBe(true);
    const decoded = decodePlan(text, "my.plan");
    expect(decoded.tag === "decoded" && encodePlan(decoded.plan)).toBe(text);
  });

  test("keeps a bound beyond 2^53 exactly, as text", () => {
    const steps = [
      {
        kind: "add_constraint",
        type_kind: "node",
        type_name: "Person",
        constraint: { kind: "range", property: "age", min: 2n, max: 9007199254740993n },
      },
    ];
    const [first] = SAMPLE_PLAN.changes;
    const migration = { supported: true, steps: steps as never, impact: [] };
    const plan = { ...SAMPLE_PLAN, changes: [{ ...first!, migration }] };

    const text = encodePlan(plan);

    expect(text).toContain('"max": "9007199254740993"');
    const decoded = decodePlan(text, "my.plan");
    expect(decoded.tag === "decoded" && encodePlan(decoded.plan)).toBe(text);
  });

  test.each([
    ["no JSON", "{", "it is not JSON"],
    ["no plan", "[]", "no format version"],
    ["a newer version", GOLDEN.replace('"format_version": 1', '"format_version": 2'), "format version 2"],
    ["an unknown field", GOLDEN.replace('"actor": "ana"', '"actor": "ana", "extra": 1'), "Unrecognized key"],
    ["a missing field", GOLDEN.replace('"actor": "ana",', ""), "actor"],
    ["an address that is none", GOLDEN.replace('"graph.attic"', '"graph.../x"'), "is not a resource address"],
    [
      "a reason that is none",
      GOLDEN.replace('"reason": "approval_required"', '"reason": "why_not"'),
      "is not a reason",
    ],
    ["an id that is none", GOLDEN.replace("01ARZ3NDEKTSV4RRFFQ69G5FAV", "../../state"), "is not a ULID"],
    ["a count below zero", GOLDEN.replace('"rows": 12', '"rows": -1'), "rows"],
  ])("with %s is refused and names what is wrong", (_, text, says) => {
    expect(text).not.toBe(GOLDEN);
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).toContain("plan_invalid");
    expect(problems.join("\n")).toContain(says);
  });

  test("of any other content is refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(problemsOf(JSON.stringify(value)).length).toBeGreaterThan(0);
        const dressed = typeof value === "object" ? { format_version: 1, ...value } : value;
        expect(problemsOf(JSON.stringify(dressed)).length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  test("has a digest of what it promises, whatever its id, time and revision are", () => {
    const again = {
      ...FULL_PLAN,
      plan_id: SAMPLE_PLAN.run_id as never,
      created_at: "2030-01-01T00:00:00Z",
      made_from: { ...FULL_PLAN.made_from, state_revision: 99 },
    };

    expect(planDigest(again)).toBe(planDigest(FULL_PLAN));
    expect(planDigest(SAMPLE_PLAN)).not.toBe(planDigest(FULL_PLAN));
  });
});
