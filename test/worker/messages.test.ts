/** Messages prompt and decide nothing: twice, late, in any order, forged or at two workers at once (design 7). */
import { describe, expect, test } from "vitest";
import type { ClusterName, GraphId, PlanId, RunId } from "../../lib/digest/ids.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { storeOrder } from "../../lib/worker/order-run.ts";
import { promptDrain, promptRun } from "../../lib/worker/prompt.ts";
import { ledgerOf, openClient, rowsOf, storedObjects } from "../apply/cluster.ts";
import { ALL_PEOPLE, type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { pausedAt } from "../apply/faults.ts";
import { chainOf, expectConverged, historyOf } from "../apply/invariants.ts";
import {
  ANA,
  appliedDeployment,
  applyAsk,
  beside,
  copyOfShared,
  DEMO,
  handInRows,
  newShared,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const BEFORE: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const AFTER: ClusterFiles = {
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { all_people: ALL_PEOPLE } },
    shop: { schema: PERSON },
  },
};

function handle(worker: Worker, body: object | string) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return handleBody(worker.deployment, text, worker.context);
}

describe("a message", () => {
  test("that comes twice, and again long after, changes nothing the second time (A7)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const apply = await ordered(worker, await applyAsk(worker, AFTER));
    const plan = await ordered(worker, await planAsk(worker, BEFORE));
    await work(worker);
    const settled = storedObjects(worldOf(worker.shared));

    worker.shared.clock.advance(10 * 24 * 3_600_000);
    await handle(worker, { format_version: 1, kind: "drain", cluster: DEMO });
    await handle(worker, { format_version: 1, kind: "plan", cluster: DEMO, run_id: plan.run_id });
    await promptRun(worker.deployment, DEMO, apply, "again");
    await work(worker);

    expect(storedObjects(worldOf(worker.shared))).toEqual(settled);
  });

  test("that is forged names a run and decides nothing about it (A5)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const apply = await storeOrder(worker.deployment.open(DEMO), {
      ...(await applyAsk(worker, AFTER)),
      ...{ actor: "ana", trigger: "api", git: null, idempotency_key: null, caller: ANA },
    });
    if (apply.tag !== "ordered") throw new Error(apply.tag);
    const { run_id } = apply.record;
    const before = storedObjects(worldOf(worker.shared));

    // The run is an apply and needs the lease: whoever calls it a plan or a load gets nothing.
    for (const kind of ["plan", "load"]) {
      expect(await handle(worker, { format_version: 1, kind, cluster: DEMO, run_id })).toEqual({
        tag: "ended",
      });
    }
    const nobody = { format_version: 1, kind: "plan", cluster: DEMO, run_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" };
    expect(await handle(worker, nobody)).toEqual({ tag: "ended" });
    expect(storedObjects(worldOf(worker.shared))).toEqual(before);
  });

  test.each([
    ["no JSON", "{"],
    ["another format", { format_version: 2, kind: "drain", cluster: DEMO }],
    ["another kind", { format_version: 1, kind: "delete", cluster: DEMO }],
    ["a path for a cluster", { format_version: 1, kind: "drain", cluster: "../demo" }],
    ["more than it may say", { format_version: 1, kind: "drain", cluster: DEMO, actor: "root" }],
    ["far too much", JSON.stringify({ format_version: 1, kind: "drain", cluster: "a".repeat(20_000) })],
  ])("with %s is ignored", async (_, body) => {
    const worker = openWorker(newShared());
    expect((await handle(worker, body)).tag).toBe("ignored");
    expect(worker.shared.worlds.size).toBe(0);
  });

  test("about a cluster that the deployment does not have is ignored", async () => {
    const worker = openWorker(newShared(), undefined, undefined, {
      ...(await appliedDeployment(null)).deployment.settings,
      clusters: ["other"],
    });
    expect(await handle(worker, { format_version: 1, kind: "drain", cluster: DEMO })).toMatchObject({
      tag: "ignored",
    });
    expect(worker.shared.worlds.size).toBe(0);
  });

  test("of the first run that comes after that of the second finds both, the oldest first", async () => {
    const worker = await appliedDeployment(BEFORE);
    const first = await ordered(worker, await applyAsk(worker, AFTER));
    const second = await ordered(worker, await applyAsk(worker, BEFORE));

    await handle(worker, { format_version: 1, kind: "drain", cluster: DEMO });

    expect([first, second].map((each) => recordOf(worker.shared, each.run_id).state)).toEqual([
      "ended",
      "waiting_approval",
    ]);
    const [one, two] = [first, second].map((each) => recordOf(worker.shared, each.run_id).started_at ?? "");
    expect(one! <= two!).toBe(true);
  });
});

describe("two workers at once", () => {
  test("apply a run once, wherever the first is paused (A7, K4, L1)", async () => {
    const ready = await appliedDeployment(BEFORE);
    const { run_id } = await ordered(ready, await applyAsk(ready, AFTER));
    const held: number[] = [];
    for (let ordinal = 1; ordinal <= 60; ordinal += 1) {
      const shared = copyOfShared(ready.shared);
      const paused = pausedAt(ordinal, "before");
      const first = handle(openWorker(shared, paused), { format_version: 1, kind: "drain", cluster: DEMO });
      await Promise.race([paused.reached, first]);
      const second = await handle(openWorker(shared), { format_version: 1, kind: "drain", cluster: DEMO });
      if (second.tag === "held") held.push(ordinal);
      paused.resume();
      await first;
      expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
      await expectConverged(worldOf(shared), ["people", "shop"]);
      const causes = (await chainOf(beside(shared), "people")).map((each) => each.cause);
      expect(causes.filter((each) => each === "migrate")).toHaveLength(1);
    }
    expect(held.length).toBeGreaterThan(20);
  }, 60_000);

  test("whose first one slept past its lease apply a run once (K4)", async () => {
    const ready = await appliedDeployment(BEFORE);
    const { run_id } = await ordered(ready, await applyAsk(ready, AFTER));
    for (let ordinal = 5; ordinal <= 60; ordinal += 3) {
      const shared = copyOfShared(ready.shared);
      const paused = pausedAt(ordinal, "before");
      const first = handle(openWorker(shared, paused), { format_version: 1, kind: "drain", cluster: DEMO });
      await Promise.race([paused.reached, first]);
      shared.clock.advance(3_600_000);
      await handle(openWorker(shared), { format_version: 1, kind: "drain", cluster: DEMO });
      paused.resume();
      await first;
      await handle(openWorker(shared), { format_version: 1, kind: "drain", cluster: DEMO });
      expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
      const client = openClient(worldOf(shared));
      const made = (await chainOf(client, "people")).filter((each) => each.cause === "migrate");
      expect(made).toHaveLength(1);
    }
  }, 60_000);

  test("load the rows of a run once, wherever the first is paused (A7)", async () => {
    const ready = await appliedDeployment(BEFORE);
    const rows = `${JSON.stringify({ type: "Person", data: { name: "ada" } })}\n`;
    const upload_key = await handInRows(ready, rows);
    const ask = { kind: "load", graph: "people" as GraphId, mode: "merge", upload_key } as const;
    const { run_id } = await ordered(ready, ask);
    const message = { format_version: 1, kind: "load", cluster: DEMO, run_id };
    for (let ordinal = 1; ordinal <= 25; ordinal += 1) {
      const shared = copyOfShared(ready.shared);
      const paused = pausedAt(ordinal, "before");
      const first = handle(openWorker(shared, paused), message);
      await Promise.race([paused.reached, first]);
      await handle(openWorker(shared), message);
      paused.resume();
      await first;
      expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "loaded" });
      expect(await rowsOf(beside(shared), "people")).toBe(1);
      const loads = (await chainOf(beside(shared), "people")).filter((each) => each.cause === "load");
      expect(loads).toHaveLength(1);
    }
  });
});

describe("a hundred clusters", () => {
  test("whose runs and messages are interleaved have gapless revisions each, and none waits for another (L1)", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `cluster-${index}` as ClusterName);
    const shared = newShared();
    const workers = [openWorker(shared), openWorker(shared), openWorker(shared)];
    const [first] = workers;
    const runs = new Map<ClusterName, RunId>();
    for (const name of names) await ordered(first!, { kind: "import" }, {}, name);
    for (const name of names) {
      const { run_id } = await ordered(first!, await applyAsk(first!, BEFORE, name), {}, name);
      runs.set(name, run_id);
    }
    // One cluster is stuck behind a lease that nobody gives back.
    const stuck = beside(shared, "cluster-7").ports;
    await stuck.lease.acquire({
      ...{ lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" as never, owner: "laptop", operation: "apply" },
      ...{ run_id: "01ARZ3NDEKTSV4RRFFQ69G5FAW" as RunId, token_floor: 0, duration_ms: 10 ** 9 },
    });

    await Promise.all(workers.map(work));

    for (const name of names.filter((each) => each !== "cluster-7")) {
      const history = historyOf(worldOf(shared, name)).map((each) => each.revision);
      expect(history).toEqual(history.map((_, index) => index + 1));
      expect(recordOf(shared, runs.get(name)!, name)).toMatchObject({ state: "ended", outcome: "applied" });
      expect(ledgerOf(worldOf(shared, name)).state_revision).toBe(history.length);
    }
    expect(recordOf(shared, runs.get("cluster-7" as ClusterName)!, "cluster-7").state).toBe("queued");
  }, 120_000);
});

describe("a plan that is ordered to be applied", () => {
  test("twice, by two requests, is applied by one run (A5)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const planning = await ordered(worker, await planAsk(worker, AFTER));
    await work(worker);
    const plan_id = recordOf(worker.shared, planning.run_id).plan_id as PlanId;
    const ask = { kind: "apply_plan", plan_id, allow_mass_delete: false } as const;
    const runs = [await ordered(worker, ask), await ordered(worker, ask)];
    await work(worker);

    const outcomes = runs.map((each) => recordOf(worker.shared, each.run_id).outcome);
    expect(outcomes).toEqual(["applied", "refused"]);
    expect(recordOf(worker.shared, runs[1]!.run_id).diagnostics).toContain("plan_already_used");
  });

  test("is refused when the world has moved since the review, and says what moved (A5)", async () => {
    const worker = await appliedDeployment(BEFORE);
    const planning = await ordered(worker, await planAsk(worker, AFTER));
    await work(worker);
    const plan_id = recordOf(worker.shared, planning.run_id).plan_id as PlanId;
    await ordered(worker, await applyAsk(worker, { graphs: { people: { schema: PERSON_WITH_NOTE } } }));
    await work(worker);
    const { run_id } = await ordered(worker, { kind: "apply_plan", plan_id, allow_mass_delete: false });
    await work(worker);

    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "refused" });
    expect(recordOf(worker.shared, run_id).diagnostics).toContain("plan_stale");
  });
});

describe("a prompt", () => {
  test("that is sent again and again while nothing is to be done changes nothing", async () => {
    const worker = await appliedDeployment(BEFORE);
    const before = storedObjects(worldOf(worker.shared));
    for (let count = 0; count < 5; count += 1) await promptDrain(worker.deployment, DEMO);
    expect((await work(worker)).map((each) => each.tag)).toEqual(Array(5).fill("drained"));
    expect(storedObjects(worldOf(worker.shared))).toEqual(before);
  });
});
