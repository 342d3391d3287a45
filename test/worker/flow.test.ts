/** The whole flow of a deployment: a config is uploaded, planned, approved, applied, refreshed, and its drift is told. */
import { describe, expect, test } from "vitest";
import type { GraphId, PlanId } from "../../lib/digest/ids.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { promptDrain, promptSchedule } from "../../lib/worker/prompt.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { takeUpload } from "../../lib/worker/take-upload.ts";
import { headOf, ledgerOf, migrateBehind } from "../apply/cluster.ts";
import { ALL_PEOPLE, type ClusterFiles, filesOf, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { historyOf } from "../apply/invariants.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  DEMO,
  kindsOf,
  ordered,
  planAsk,
  recordOf,
  type Worker,
  work,
  worldOf,
  zipOf,
} from "./deployment.ts";

const BEFORE: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
/** The shop is deleted, which somebody must approve; people get a query, which nobody must. */
const AFTER: ClusterFiles = { graphs: { people: { schema: PERSON, queries: { all_people: ALL_PEOPLE } } } };

async function approve(worker: Worker, plan_id: PlanId, actor = "dana"): Promise<void> {
  const { output } = await approveChange(worker.deployment.open(DEMO), {
    config_dir: "demo",
    resource: "graph.shop",
    plan_id,
    actor,
    data_loss: false,
    tolerance: 0,
    lifetime_ms: APPROVAL_LIFETIME_MS,
    reason: null,
  });
  expect(output.diagnostics.filter((each) => each.severity === "error")).toEqual([]);
  await promptDrain(worker.deployment, DEMO);
}

function resourcesOf(worker: Worker): readonly string[] {
  return Object.keys(ledgerOf(worldOf(worker.shared)).applied_revision.resources);
}

describe("a config that is uploaded", () => {
  test("is planned, approved, applied, refreshed, and its drift is told, each by whom it was done (U1)", async () => {
    const worker = await appliedDeployment(BEFORE, { self_approval: "refused" });
    const key = "inbox/demo/pull-12.zip";
    const metadata = { "graphform-git-commit": "0123abc" };
    worker.shared.inbox.set(key, {
      bytes: await zipOf(filesOf(AFTER)),
      metadata,
      version: '"e1"',
      uploaded_at: null,
    });
    const event = { key, principal: "AWS:AROACI:pull-12", versions: ["e1"] };
    const taken = await takeUpload(worker.deployment, event, worker.context);
    if (taken.tag !== "ordered") throw new Error(taken.tag);
    await work(worker);
    const { plan_id } = recordOf(worker.shared, taken.record.run_id);

    await approve(worker, plan_id!);
    const applying = await ordered(worker, {
      kind: "apply_plan",
      plan_id: plan_id!,
      allow_mass_delete: false,
    });
    await work(worker);
    const refreshing = await ordered(worker, { kind: "refresh" });
    await work(worker);
    await migrateBehind(beside(worker.shared), "people", PERSON_WITH_NOTE);
    await promptSchedule(worker.deployment, DEMO, "refresh");
    await work(worker);

    const outcomes = [applying, refreshing].map((each) => recordOf(worker.shared, each.run_id).outcome);
    expect(outcomes).toEqual(["applied", "noop"]);
    expect(resourcesOf(worker)).not.toContain("graph.shop");
    const final = historyOf(worldOf(worker.shared)).findLast((each) => each.run_id === applying.run_id);
    expect(final).toMatchObject({ actor: "ana", plan_id, approvals_consumed: [{ address: "graph.shop" }] });
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "plan_ready", "applied", "drift"]);
  });
});

describe("a config that is ordered", () => {
  test("is planned, approved by somebody else, applied exactly as reviewed, and reads as on a folder", async () => {
    const worker = await appliedDeployment(BEFORE);
    const planning = await ordered(worker, await planAsk(worker, AFTER));
    await work(worker);
    const { plan_id } = recordOf(worker.shared, planning.run_id);
    expect(recordOf(worker.shared, planning.run_id)).toMatchObject({ state: "ended", outcome: "planned" });

    await approve(worker, plan_id!);
    const applying = await ordered(worker, {
      kind: "apply_plan",
      plan_id: plan_id!,
      allow_mass_delete: false,
    });
    await work(worker);

    expect(recordOf(worker.shared, applying.run_id)).toMatchObject({
      state: "ended",
      outcome: "applied",
      plan_id,
      reviewed_plan_id: plan_id,
    });
    expect(resourcesOf(worker)).toEqual(["graph.people", "query.people.all_people", "schema.people"]);
    expect((await headOf(beside(worker.shared), "shop")).state).toBe("deleted");
    const view = await readRunView(worker.deployment.open(DEMO), applying.run_id);
    expect(view).toMatchObject({
      tag: "found",
      view: {
        run: { run_id: applying.run_id, caller: null },
        output: { kind: "apply", output: { ok: true, outcome: "applied", run_id: applying.run_id, plan_id } },
      },
    });
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "plan_ready", "applied"]);
  });

  test("is applied as far as nobody must approve it, waits, and goes on when the approval comes (C1)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const { run_id } = await ordered(worker, await applyAsk(worker, AFTER));
    await work(worker);
    const waiting = recordOf(worker.shared, run_id);
    expect(waiting).toMatchObject({ state: "waiting_approval", outcome: null });
    expect(resourcesOf(worker)).toContain("query.people.all_people");
    expect(resourcesOf(worker)).toContain("graph.shop");

    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    expect(recordOf(worker.shared, run_id).attempts).toHaveLength(1);
    await approve(worker, waiting.plan_id!);
    await work(worker);

    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
    expect(resourcesOf(worker)).not.toContain("graph.shop");
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "approval_wanted", "applied"]);
  });

  test("that waits stands in nobody's way, and never brings back what was applied since (A5)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const waiting = await ordered(worker, await applyAsk(worker, AFTER));
    await work(worker);
    const newer: ClusterFiles = {
      graphs: { people: { schema: PERSON_WITH_NOTE }, shop: { schema: PERSON } },
    };
    const other = await ordered(worker, await applyAsk(worker, newer));
    await work(worker);
    expect(recordOf(worker.shared, other.run_id)).toMatchObject({ state: "ended", outcome: "applied" });
    const before = ledgerOf(worldOf(worker.shared)).applied_revision;

    await approve(worker, recordOf(worker.shared, waiting.run_id).plan_id!);
    await work(worker);

    expect(recordOf(worker.shared, waiting.run_id)).toMatchObject({
      state: "ended",
      outcome: "partial",
      diagnostics: expect.arrayContaining(["plan_stale"]),
    });
    expect(ledgerOf(worldOf(worker.shared)).applied_revision).toEqual(before);
  });

  test("whose plan nobody has approved is not applied by its submitter's own word (C3)", async () => {
    const worker = await appliedDeployment(BEFORE, { self_approval: "refused" });
    const { run_id } = await ordered(worker, await applyAsk(worker, AFTER));
    await work(worker);
    const { plan_id } = recordOf(worker.shared, run_id);
    const { output } = await approveChange(worker.deployment.open(DEMO), {
      ...{ config_dir: "demo", resource: "graph.shop", plan_id: plan_id!, actor: "ana", data_loss: false },
      ...{ tolerance: 0, lifetime_ms: APPROVAL_LIFETIME_MS, reason: null },
    });
    expect(output.ok).toBe(false);
    await promptDrain(worker.deployment, DEMO);
    await work(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("waiting_approval");
  });
});

describe("the schedule", () => {
  test("tells drift once, when it finds it", async () => {
    const worker = await appliedDeployment(BEFORE);
    await promptSchedule(worker.deployment, DEMO, "refresh");
    await work(worker);
    expect(kindsOf(worker.shared.notices)).toEqual(["applied"]);
    await migrateBehind(beside(worker.shared), "people", PERSON_WITH_NOTE);

    for (let round = 0; round < 2; round += 1) {
      await promptSchedule(worker.deployment, DEMO, "refresh");
      await work(worker);
    }

    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "drift"]);
    expect(worker.shared.notices[1]?.text).toContain("people");
  });

  test("leaves a cluster without a ledger alone", async () => {
    const worker = await appliedDeployment(null);
    worldOf(worker.shared).objects.objects.clear();
    await promptSchedule(worker.deployment, DEMO, "refresh");
    expect(await work(worker)).toEqual([{ tag: "ended" }]);
    expect([...worldOf(worker.shared).objects.objects.keys()]).toEqual([]);
  });
});

describe("the history of what a deployment did", () => {
  test("names who ordered it, by what, and where the config came from (U1)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const git = { commit: "0123abc", ref: "refs/heads/main", repository: "acme/brain" };
    const ask = await applyAsk(worker, {
      graphs: { people: { schema: PERSON }, more: { schema: PERSON }, shop: { schema: PERSON } },
    });
    const { run_id } = await ordered(worker, { ...ask, targets: ["more" as GraphId] }, { git });
    await work(worker);

    const receipts = historyOf(worldOf(worker.shared)).filter((each) => each.run_id === run_id);
    expect(receipts.length).toBeGreaterThan(0);
    for (const receipt of receipts) expect(receipt).toMatchObject({ actor: "ana", trigger: "api", git });
    expect(resourcesOf(worker)).toContain("graph.more");
  });
});
