/** The digest by which a deployment knows the plan that somebody has read. */
import { describe, expect, it } from "vitest";
import { decodePlan } from "../../lib/plan/plan-codec.ts";
import { encodePlan, type PlanDocument } from "../../lib/plan/plan-document.ts";
import { reviewedDigest } from "../../lib/plan/reviewed-digest.ts";
import { FULL_PLAN, SAMPLE_PLAN } from "./sample-plan.ts";

function withKeys(plan: PlanDocument, violating_ids: readonly string[]): PlanDocument {
  const text = JSON.stringify(plan, (name, value: unknown) =>
    name === "violating_ids" ? violating_ids : value,
  );
  return JSON.parse(text) as PlanDocument;
}

/** The members of every object in the other order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, turned(member)]);
  return Object.fromEntries(members.reverse());
}

describe("The digest of a reviewed plan", () => {
  it("is this one for ever, whichever program works it out", () => {
    // SHA-256 of the document with its members in order and without white space.
    const digest = "0fe714795ee56d94462c4cde3515a66e59f605af8aabf7c61db60c92fe12e688";
    expect(reviewedDigest(SAMPLE_PLAN)).toBe(digest);
  });

  it("stays the same when the plan is written down and read again, in any order and without keys of rows", () => {
    for (const plan of [SAMPLE_PLAN, FULL_PLAN]) {
      const decoded = decodePlan(encodePlan(plan), "plan");
      expect(decoded.tag === "decoded" && reviewedDigest(decoded.plan)).toBe(reviewedDigest(plan));
      expect(reviewedDigest(turned(plan) as PlanDocument)).toBe(reviewedDigest(plan));
      expect(reviewedDigest(withKeys(plan, ["ada", "bo"]))).toBe(reviewedDigest(plan));
    }
  });

  it("is another one for whatever else is changed, wherever it stands", () => {
    const text = encodePlan(FULL_PLAN);
    const values = [...text.matchAll(/(": |^ +)("(?:[^"\\]|\\.)*"|\d+|true|false|null)(?=,?\n)/gm)];
    const seen = new Set([reviewedDigest(FULL_PLAN)]);
    for (const { 0: whole, 1: before = "", index } of values) {
      const altered = `${text.slice(0, index)}${before}"altered"${text.slice(index + whole.length)}`;
      seen.add(reviewedDigest(JSON.parse(altered) as PlanDocument));
    }
    expect(values.length).toBeGreaterThan(60);
    expect(seen.size).toBe(values.length + 1);
  });
});
