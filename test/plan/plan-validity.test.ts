/** Everything that can move between a review and its apply is named (design 5, A5). */
import { describe, expect, test } from "vitest";
import type { StepImpact } from "../../lib/engine/engine.ts";
import type { Change, PlannedMigration } from "../../lib/plan/change.ts";
import type { PlanDocument, Precondition } from "../../lib/plan/plan-document.ts";
import { plannedWorldMoved } from "../../lib/plan/plan-validity.ts";
import { SAMPLE_PLAN } from "./sample-plan.ts";

function withChange(change: Partial<Change>): PlanDocument {
  return { ...SAMPLE_PLAN, changes: SAMPLE_PLAN.changes.map((each) => ({ ...each, ...change })) };
}

function withPrecondition(facts: Partial<Precondition>): PlanDocument {
  return { ...SAMPLE_PLAN, preconditions: SAMPLE_PLAN.preconditions.map((each) => ({ ...each, ...facts })) };
}

function withImpact(...impact: readonly Partial<StepImpact>[]): PlanDocument {
  const migration = SAMPLE_PLAN.changes[0]?.migration as PlannedMigration;
  const rows = impact.map((each, step) => ({ ...(migration.impact[0] as StepImpact), step, ...each }));
  return withChange({ migration: { ...migration, impact: rows } });
}

function messages(reviewed: PlanDocument, fresh: PlanDocument): string {
  return plannedWorldMoved(reviewed, fresh)
    .map((each) => `${each.code} ${each.path}: ${each.message}`)
    .join("\n");
}

const NOT_FRESH: Partial<PlanDocument> = {
  plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAW" as PlanDocument["plan_id"],
  created_at: "2027-01-01T00:00:00Z",
  actor: "somebody else",
};

describe("a reviewed plan", () => {
  test("is as good as a fresh one that differs in id, time, actor, revision, CAS and manifest version", () => {
    const fresh = {
      ...withPrecondition({ manifest_version: 99 }),
      ...NOT_FRESH,
      made_from: { ...SAMPLE_PLAN.made_from, state_revision: 99, state_cas: "sha256:other" },
    };

    expect(plannedWorldMoved(SAMPLE_PLAN, fresh)).toEqual([]);
  });

  test.each([
    ["the ledger's digest", withPrecondition({ ledger_digest: "f".repeat(64) }), "records another digest"],
    ["the life of the graph", withPrecondition({ incarnation: null }), "deleted, created or restored"],
    ["the live schema", withPrecondition({ live_schema_digest: null }), "live schema changed"],
    ["the operation", withChange({ operation: "delete" }), "changed otherwise (delete)"],
    ["what it becomes", withChange({ after_digest: "f".repeat(64) }), "changed otherwise"],
    [
      "the disposition",
      withChange({ disposition: "blocked" }),
      "was planned as applied and would now be blocked",
    ],
    [
      "the config",
      { ...SAMPLE_PLAN, made_from: { ...SAMPLE_PLAN.made_from, config_digest: "other" } },
      "the config",
    ],
    ["that it is needed", { ...SAMPLE_PLAN, changes: [], preconditions: [] }, "needs no change any more"],
    [
      "its steps",
      withChange({ migration: { supported: true, steps: [], impact: [] } }),
      "steps are not the reviewed ones",
    ],
    ["values lost", withImpact({ values_lost: 5 }), "2 more values would be lost"],
    ["violations", withImpact({ violations: 1 }), "1 more values would be lost"],
    ["rows of a delete", withChange({ rows: 4 }), "4 more values would be lost"],
  ])("is void when %s moved, and says so", (_, fresh, says) => {
    expect(messages(SAMPLE_PLAN, fresh)).toContain(says);
  });

  test("is void when another address would be changed too", () => {
    const extra = { ...SAMPLE_PLAN.changes[0], resource: "policy.extra" } as Change;
    const fresh = { ...SAMPLE_PLAN, changes: [...SAMPLE_PLAN.changes, extra] };

    expect(messages(SAMPLE_PLAN, fresh)).toContain("policy.extra would now be changed too");
  });

  test("is void when one step loses more, although another loses less", () => {
    const reviewed = withImpact({ values_lost: 10 }, { values_lost: 0 });
    const fresh = withImpact({ values_lost: 0 }, { values_lost: 10 });

    expect(messages(reviewed, fresh)).toContain("10 more values");
  });

  test("is void when what it destroys would only be hidden, because its approval does not count any more (A5)", () => {
    const destroying = withChange({ data_loss: true });

    expect(messages(destroying, SAMPLE_PLAN)).toContain("the approval to destroy what it drops");
  });

  test("is not void when an approval makes its drops destroy: that is what was approved", () => {
    expect(plannedWorldMoved(SAMPLE_PLAN, withChange({ data_loss: true }))).toEqual([]);
  });

  test("is not void when less would be lost", () => {
    expect(plannedWorldMoved(SAMPLE_PLAN, withImpact({ values_lost: 0 }))).toEqual([]);
  });
});
