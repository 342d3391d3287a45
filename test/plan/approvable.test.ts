/** What of a plan can be approved: its gates, and the drops that could destroy (design 8). */
import { describe, expect, test } from "vitest";
import type { Address } from "../../lib/desired/address.ts";
import type { PlanId } from "../../lib/digest/ids.ts";
import { approvableOf, approvalOffers, isWorthKeeping } from "../../lib/plan/approvable.ts";
import type { Change } from "../../lib/plan/change.ts";
import type { ApprovalRequired } from "../../lib/plan/gates.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { SAMPLE_PLAN } from "./sample-plan.ts";

const DROPS: NonNullable<Change["migration"]> = {
  supported: true,
  steps: [
    { kind: "relax_property", type_kind: "node", type_name: "Person", property_name: "age" },
    { kind: "drop_property", type_kind: "node", type_name: "Person", property_name: "note", mode: "soft" },
    { kind: "drop_type", type_kind: "node", name: "Shop", mode: "soft" },
  ],
  impact: [0, 1, 2].map((step) => ({
    ...{ step, type_kind: "node", type_name: "Person", rows: 10, violations: 0, violating_ids: [] },
    values_lost: 10 ** step,
  })),
};

const address = (text: string) => text as Address;
const schema: Change = { resource: address("schema.shop"), operation: "update", disposition: "applied" };
const gone: Change = {
  ...{ resource: address("graph.shop"), operation: "delete", rows: 7 },
  ...{ disposition: "blocked", reason: "approval_required" },
};

function planOf(changes: readonly Change[], gated: readonly Partial<ApprovalRequired>[] = []): PlanDocument {
  const gates = gated.map((each) => ({
    resource: address("graph.shop"),
    reason: "gate",
    satisfied: false,
    ...each,
  }));
  return {
    ...SAMPLE_PLAN,
    plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" as PlanId,
    changes,
    approvals_required: gates,
  };
}

function offersOf(plan: PlanDocument): readonly string[] {
  return approvalOffers(plan).map((each) => `${each.operation} ${each.resource} ${each.required}`);
}

describe("a plan", () => {
  test("offers its open gates, and takes each for what it is", () => {
    const policy: Change = { ...gone, resource: address("policy.staff"), operation: "update" };
    const purge: Change = {
      ...{ ...schema, disposition: "blocked", reason: "approval_required" },
      ...{ purge: true, migration: DROPS },
    };
    const plan = planOf(
      [gone, policy, purge],
      [{}, { resource: policy.resource }, { resource: purge.resource }],
    );

    expect(offersOf(plan)).toEqual([
      "delete graph.shop true",
      "access policy.staff true",
      "purge schema.shop true",
    ]);
    const subject = (resource: string, data_loss: boolean) =>
      approvableOf(plan, address(resource), data_loss);
    expect(subject("graph.shop", false)).toMatchObject({
      tag: "approvable",
      subject: { operation: "delete", graph: "shop", rows: 7, gate_reason: "gate" },
    });
    expect(subject("policy.staff", false)).toMatchObject({
      tag: "approvable",
      subject: { operation: "access", graph: null, rows: null },
    });
    expect(subject("schema.shop", false)).toEqual({ tag: "needs_data_loss", rows: 110 });
    expect(subject("schema.shop", true)).toMatchObject({
      tag: "approvable",
      subject: { operation: "purge", graph: "shop", rows: 110 },
    });
  });

  test("offers drops as well, but waits only where somebody has asked for data loss already", () => {
    const drops = { ...schema, migration: DROPS };
    expect(offersOf(planOf([drops]))).toEqual(["data_loss schema.shop false"]);
    const asked = { ...drops, disposition: "blocked", reason: "approval_required" } as const;
    expect(offersOf(planOf([asked], [{ resource: asked.resource }]))).toEqual(["data_loss schema.shop true"]);
    expect(approvableOf(planOf([drops]), drops.resource, true)).toMatchObject({
      tag: "approvable",
      subject: { operation: "data_loss", rows: 110 },
    });
  });

  test("offers nothing that is approved already, needs nothing, or is blocked by something else", () => {
    const blocked = { ...gone, reason: "cluster_recovery_pending" } as const;
    const free: Change = { resource: address("policy.staff"), operation: "delete", disposition: "applied" };
    expect(offersOf(planOf([gone], [{ satisfied: true }]))).toEqual([]);
    expect(offersOf(planOf([blocked], [{}]))).toEqual([]);
    expect(offersOf(planOf([free, schema]))).toEqual([]);
    expect(approvableOf(planOf([blocked], [{}]), gone.resource, false)).toMatchObject({ tag: "blocked" });
    expect(approvableOf(planOf([free]), free.resource, false)).toMatchObject({ tag: "not_required" });
    expect(approvableOf(planOf([]), free.resource, false)).toMatchObject({ tag: "not_required" });
  });

  test("is worth keeping where somebody can approve it, and where no config makes it again", () => {
    const purge: Change = { ...schema, purge: true, migration: DROPS };
    expect(isWorthKeeping(planOf([gone], [{}]))).toBe(true);
    expect(isWorthKeeping(planOf([purge], [{ resource: purge.resource, satisfied: true }]))).toBe(true);
    expect(isWorthKeeping(planOf([gone], [{ satisfied: true }]))).toBe(false);
    expect(isWorthKeeping(planOf([schema]))).toBe(false);
  });
});
