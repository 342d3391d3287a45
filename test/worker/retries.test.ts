/**
 * Runs that a worker cannot finish: what nothing will mend ends at once, what time may heal is tried again for some
 * hours and then ends too, with its reasons kept, so that no run stands in the way of others.
 */
import { describe, expect, test } from "vitest";
import { RUN_RETRIES_MS_MAX } from "../../lib/apply/limits.ts";
import { loadingRun, type RunRecord } from "../../lib/apply/runs/run-record.ts";
import { moveRun, readRun } from "../../lib/apply/runs/run-store.ts";
import type { GraphId, LockId, PlanId, RunId } from "../../lib/digest/ids.ts";
import { LOAD_SEARCH_VERSIONS_MAX } from "../../lib/engine/limits.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import type { Handled } from "../../lib/worker/handle-message.ts";
import { promptDrain, promptSchedule } from "../../lib/worker/prompt.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { apply, keysBelow, ledgerOf, putText, textOf } from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import type { Call } from "../apply/interference.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  DEMO,
  handInRows,
  kindsOf,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const PEOPLE = "people" as GraphId;
const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const MORE: ClusterFiles = { graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } };
const HOUR_MS = 3_600_000;

/** The newest manifest of people says nothing any more. */
function damage(worker: Worker): void {
  const world = worldOf(worker.shared);
  putText(world, keysBelow(world, "graphs/people.omni/__manifest/")[0]!, "no manifest");
}

/** Another worker, some of whose calls are never answered. */
function failing(worker: Worker, fails: (call: Call) => boolean): Worker {
  return openWorker(
    worker.shared,
    interfering((call) => (fails(call) ? "fail" : "act")),
  );
}

/** The head of people as if so many loads had been published. */
function liftHead(worker: Worker, version: number): void {
  const world = worldOf(worker.shared);
  const head = JSON.parse(textOf(world, keysBelow(world, "graphs/people.omni/__manifest/")[0]!));
  const name = String(10n ** 20n - 1n - BigInt(version)).padStart(20, "0");
  const text = `${JSON.stringify({ ...head, version }, null, 2)}\n`;
  putText(world, `graphs/people.omni/__manifest/${name}.json`, text);
}

async function watched(worker: Worker): Promise<readonly Handled[]> {
  await promptSchedule(worker.deployment, DEMO, "watch");
  return work(worker);
}

async function answerOf(worker: Worker, id: RunId): Promise<string> {
  return JSON.stringify(await readRunView(worker.deployment.open(DEMO), id));
}

function resourcesOf(worker: Worker): readonly string[] {
  return Object.keys(ledgerOf(worldOf(worker.shared)).applied_revision.resources);
}

function statesOf(worker: Worker, ...runs: readonly RunRecord[]): readonly string[] {
  return runs.map(({ run_id }) => {
    const { state, outcome } = recordOf(worker.shared, run_id);
    return outcome ?? state;
  });
}

describe("a run that meets a graph which cannot be read", () => {
  test("ends at once if it is a refresh, and the apply behind it runs", async () => {
    const worker = await appliedDeployment(CONFIG);
    damage(worker);
    await promptSchedule(worker.deployment, DEMO, "refresh");
    await work(worker);
    const refreshing = await ordered(worker, { kind: "refresh" });
    const applying = await ordered(worker, await applyAsk(worker, MORE));
    await work(worker);

    expect(recordOf(worker.shared, refreshing.run_id)).toMatchObject({
      state: "ended",
      outcome: "refused",
      diagnostics: ["graph_observation_error"],
    });
    expect(await answerOf(worker, refreshing.run_id)).toContain('"rule":"graph_corrupt"');
    expect(recordOf(worker.shared, applying.run_id).outcome).toBe("applied");
    expect(kindsOf(worker.shared.notices)).toEqual(["applied", "failed", "failed", "applied"]);
  });

  test("ends at once if it is an import", async () => {
    const worker = await appliedDeployment(CONFIG);
    damage(worker);
    const { objects } = worldOf(worker.shared).objects;
    for (const key of [...objects.keys()]) {
      if (key === "__cluster/state.json" || key.startsWith("__graphform/heads/")) objects.delete(key);
    }
    const { run_id } = await ordered(worker, { kind: "import" });
    await work(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "refused" });
    expect(await answerOf(worker, run_id)).toContain("graph_observation_error");
  });
});

describe("a run that the world keeps from being done", () => {
  test("is tried again for hours, then ends with what its last attempt has seen, and the next one runs", async () => {
    const worker = await appliedDeployment(CONFIG);
    // The hourly refresh has recorded already that the graph cannot be seen.
    const silent = failing(worker, ({ key, verb }) => verb === "get" && key.includes("/schemas/"));
    await promptSchedule(silent.deployment, DEMO, "refresh");
    await work(silent);
    const refreshing = await ordered(worker, { kind: "refresh" });
    const applying = await ordered(worker, await applyAsk(worker, MORE));

    expect((await work(silent)).map((each) => each.tag)).toContain("later");
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX - HOUR_MS);
    await watched(silent);
    expect(statesOf(worker, refreshing, applying)).toEqual(["queued", "queued"]);

    worker.shared.clock.advance(HOUR_MS);
    await watched(silent);
    expect(statesOf(worker, refreshing, applying)).toEqual(["refused", "applied"]);
    const answer = await answerOf(worker, refreshing.run_id);
    expect(answer).toContain('"output":{"kind":"refresh"');
    expect(answer).toContain("1 graph could not be opened");
  });

  test("has all of these hours from when it is first kept from it, however long it was queued", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    worker.shared.clock.advance(2 * RUN_RETRIES_MS_MAX);
    const silent = failing(worker, ({ key }) => key.startsWith("__graphform/bundles/"));
    await watched(silent);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX - HOUR_MS);
    await watched(silent);
    expect(recordOf(worker.shared, run_id).state).toBe("queued");
    await watched(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });

  test("ends also where it cannot even be begun, be it an apply, a plan or a load", async () => {
    const worker = await appliedDeployment(CONFIG);
    const applying = await ordered(worker, await applyAsk(worker, MORE));
    const planning = await ordered(worker, await planAsk(worker, MORE));
    const upload_key = await handInRows(worker, "");
    const load = { kind: "load", graph: PEOPLE, mode: "append", upload_key } as const;
    const loading = await ordered(worker, load);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    const silent = failing(worker, ({ key }) => key.startsWith("__graphform/bundles/"));
    await watched(silent);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX + HOUR_MS);
    await watched(silent);

    const runs = [applying, planning, loading].map(({ run_id }) => recordOf(worker.shared, run_id));
    // Of rows that a worker has begun to load nobody knows.
    expect(runs.map(({ outcome, diagnostics }) => [outcome, ...diagnostics])).toEqual([
      ["refused", "bundle_read_error"],
      ["refused", "bundle_read_error"],
      ["unknown", "run_access_undecided"],
    ]);
    expect(keysBelow(worldOf(worker.shared), "__graphform/open-runs/")).toEqual([]);
  });

  test("ends as unknown if it is a load that cannot find out what became of its rows", async () => {
    const worker = await appliedDeployment(CONFIG);
    const upload_key = await handInRows(worker, "");
    const load = { kind: "load", graph: PEOPLE, mode: "append", upload_key } as const;
    const { run_id } = await ordered(worker, load);
    const ports = worker.deployment.open(DEMO);
    const read = await readRun(ports, run_id);
    if (read.tag !== "found") throw new Error(read.tag);
    await moveRun(ports, read.stored, loadingRun(read.stored.record, 1, ports.ids.next()));
    // More versions lie above that one than any worker looks through.
    liftHead(worker, 1 + LOAD_SEARCH_VERSIONS_MAX + 2);
    await watched(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("running");
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX);
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      outcome: "unknown",
      diagnostics: ["load_outcome_unknown"],
    });
  });

  test("keeps its record while a worker is at it, whatever keeps another one from it", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    const { ids, lease } = worker.deployment.open(DEMO);
    const asked = { lock_id: ids.next() as LockId, run_id, duration_ms: HOUR_MS };
    await lease.acquire({ ...asked, owner: "another", operation: "apply", token_floor: 0 });
    const before = recordOf(worker.shared, run_id);
    const silent = failing(worker, ({ key }) => key.startsWith("__graphform/bundles/"));
    await watched(silent);
    expect(recordOf(worker.shared, run_id)).toEqual(before);
  });

  test("has all of these hours again from its first attempt on, whatever kept it from one", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    await watched(failing(worker, ({ key }) => key.startsWith("__graphform/bundles/")));
    worker.shared.clock.advance(2 * RUN_RETRIES_MS_MAX);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    await watched(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("continuing");
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    await watched(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });

  test("is not given up while a worker may be at it", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    const silent = failing(worker, ({ key }) => key.startsWith("__graphform/bundles/"));
    await watched(silent);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX);
    const blind = failing(
      worker,
      ({ key, verb }) => key.startsWith("__graphform/bundles/") || verb === "lease.read",
    );
    await watched(blind);
    expect(recordOf(worker.shared, run_id).state).toBe("queued");
    await watched(silent);
    expect(recordOf(worker.shared, run_id).outcome).toBe("refused");
  });
});

describe("a run that has waited for its approval over night", () => {
  const BOTH: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };

  async function waiting(): Promise<{ readonly worker: Worker; readonly run_id: RunId }> {
    const worker = await appliedDeployment(BOTH);
    const { run_id } = await ordered(worker, await applyAsk(worker, CONFIG));
    await work(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("waiting_approval");
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX + HOUR_MS);
    return { worker, run_id };
  }

  async function approve(worker: Worker, plan_id: PlanId | null): Promise<void> {
    const { output } = await approveChange(worker.deployment.open(DEMO), {
      ...{ config_dir: "demo", resource: "graph.shop", plan_id: plan_id!, actor: "dana", data_loss: false },
      ...{ tolerance: 0, lifetime_ms: APPROVAL_LIFETIME_MS, reason: null },
    });
    expect(output.diagnostics.filter((each) => each.severity === "error")).toEqual([]);
    await promptDrain(worker.deployment, DEMO);
  }

  test("is tried again when the world keeps it from going on once it is approved, and is applied", async () => {
    const { worker, run_id } = await waiting();
    await approve(worker, recordOf(worker.shared, run_id).plan_id);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    await work(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("continuing");

    worker.shared.clock.advance(RUN_RETRIES_MS_MAX - HOUR_MS);
    await watched(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("continuing");
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
  });

  test("ends when it is kept from going on for hours after that", async () => {
    const { worker, run_id } = await waiting();
    await approve(worker, recordOf(worker.shared, run_id).plan_id);
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    await work(worker);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX);
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({ state: "ended", outcome: "partial" });
  });

  test("ends as well when it cannot even be begun again, and is as approved as before until then", async () => {
    const { worker, run_id } = await waiting();
    await approve(worker, recordOf(worker.shared, run_id).plan_id);
    const silent = failing(worker, ({ key }) => key.startsWith("__graphform/run-outputs/"));
    await work(silent);
    worker.shared.clock.advance(RUN_RETRIES_MS_MAX - HOUR_MS);
    await watched(silent);
    expect(recordOf(worker.shared, run_id).state).toBe("waiting_approval");
    await watched(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });
  test.each([
    ["before it is approved", true],
    ["between two attempts", false],
  ])(
    "does not bring back what somebody has taken back %s, however often it is tried again (A5)",
    async (_, early) => {
      const queries = { find_person: FIND_PERSON };
      const worker = await appliedDeployment(BOTH);
      const wanted: ClusterFiles = { graphs: { people: { schema: PERSON, queries } } };
      const { run_id } = await ordered(worker, await applyAsk(worker, wanted));
      await work(worker);
      expect(resourcesOf(worker)).toContain("query.people.find_person");
      if (early) await apply(beside(worker.shared), BOTH);

      await approve(worker, recordOf(worker.shared, run_id).plan_id);
      const silent = failing(
        worker,
        ({ verb, key }) => verb === "list" && key.startsWith("__cluster/recover"),
      );
      await work(silent);
      await watched(silent);
      expect(recordOf(worker.shared, run_id).state).toBe("continuing");
      if (!early) await apply(beside(worker.shared), BOTH);
      await watched(worker);

      expect(recordOf(worker.shared, run_id)).toMatchObject({
        ...{ state: "ended", outcome: "partial" },
        diagnostics: expect.arrayContaining(["plan_stale"]),
      });
      expect(resourcesOf(worker)).not.toContain("query.people.find_person");
    },
  );
});
