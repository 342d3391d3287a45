/**
 * A worker dies, fails or loses an answer at every single call that it makes: another one, prompted by the message that
 * comes again or by the schedule, brings the run to its end, and everything has happened once.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { GraphId, RunId } from "../../lib/digest/ids.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import type { RunAsk } from "../../lib/worker/run-ordering.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { keysBelow, ledgerOf, rowsOf } from "../apply/cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  PERSON,
  PERSON_WITH_NOTE,
} from "../apply/cluster-files.ts";
import { FAULTS, type Fault, recorder } from "../apply/faults.ts";
import { chainOf, expectConverged } from "../apply/invariants.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  copyOfShared,
  DEMO,
  handInRows,
  INVOCATION_MS,
  loseMessages,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Shared,
  VISIBILITY_MS,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";
import { problemsAtEveryCall } from "./every-call.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
};
/** A graph is created, another migrated, a query added. */
const AFTER: ClusterFiles = {
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
  },
};
const ROWS = ["ada", "bob"].map((name) => `${JSON.stringify({ type: "Person", data: { name } })}\n`).join("");

interface Ready {
  /** The run is ordered, and nobody has worked on it. */
  readonly shared: Shared;
  readonly run_id: RunId;
  /** Calls that a worker makes for it. */
  readonly calls: number;
}

async function ready(ask: (worker: Worker) => Promise<RunAsk>): Promise<Ready> {
  const worker = await appliedDeployment(BEFORE);
  const { run_id } = await ordered(worker, await ask(worker));
  const recording = recorder();
  await work(openWorker(copyOfShared(worker.shared), recording));
  return { shared: worker.shared, run_id, calls: recording.count.calls };
}

/** Another worker, when every message and lease of the first has come back; the schedule looks first if need be. */
async function finish(shared: Shared): Promise<Worker> {
  shared.clock.advance(VISIBILITY_MS + INVOCATION_MS);
  const worker = openWorker(shared);
  await work(worker);
  await promptSchedule(worker.deployment, DEMO, "watch");
  await work(worker);
  return worker;
}

function everyCall(
  ready: Ready,
  fault: Fault,
  expectDone: (shared: Shared, worker: Worker) => Promise<void>,
): Promise<readonly string[]> {
  return problemsAtEveryCall({ ...ready, act: work }, fault, async (shared) =>
    expectDone(shared, await finish(shared)),
  );
}

let applying: Ready;
let planning: Ready;
let loading: Ready;

beforeAll(async () => {
  applying = await ready((worker) => applyAsk(worker, AFTER));
  planning = await ready((worker) => planAsk(worker, AFTER));
  loading = await ready(async (worker) => {
    const upload_key = await handInRows(worker, ROWS);
    return { kind: "load", graph: "people" as GraphId, mode: "append", upload_key };
  });
});

async function expectAnswer(shared: Shared, worker: Worker, id: RunId, kind: string): Promise<void> {
  const view = await readRunView(worker.deployment.open(DEMO), id);
  expect(view).toMatchObject({
    tag: "found",
    view: { output: { kind, output: { ok: true } }, diagnostics: [] },
  });
  expect(keysBelow(worldOf(shared), "__graphform/open-runs/")).toEqual([]);
}

describe("an apply whose worker meets trouble at any single call", () => {
  test.each(FAULTS)(
    "%s: comes to its end by another worker, every effect once (A3, A5, A7, L1)",
    async (fault) => {
      const { run_id } = applying;
      const problems = await everyCall(applying, fault, async (shared, worker) => {
        expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
        await expectConverged(worldOf(shared), ["people", "shop"]);
        const people = await chainOf(beside(shared), "people");
        expect(people.filter((each) => each.cause === "migrate")).toHaveLength(1);
        const shop = await chainOf(beside(shared), "shop");
        expect(shop.filter((each) => each.cause === "create")).toHaveLength(1);
        expect(keysBelow(worldOf(shared), "__cluster/recoveries/")).toEqual([]);
        await expectAnswer(shared, worker, run_id, "apply");
      });
      expect(problems).toEqual([]);
    },
    120_000,
  );
});

describe("a plan whose worker meets trouble at any single call", () => {
  test.each(FAULTS)(
    "%s: is made by another worker, and changes nothing",
    async (fault) => {
      const { run_id, shared: before } = planning;
      const problems = await everyCall(planning, fault, async (shared, worker) => {
        expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "planned" });
        expect(ledgerOf(worldOf(shared))).toEqual(ledgerOf(worldOf(before)));
        await expectAnswer(shared, worker, run_id, "plan");
      });
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

describe("a load whose worker meets trouble at any single call", () => {
  test.each(FAULTS)(
    "%s: has its rows in the graph once (A7)",
    async (fault) => {
      const { run_id } = loading;
      const problems = await everyCall(loading, fault, async (shared, worker) => {
        expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "loaded" });
        expect(await rowsOf(beside(shared), "people")).toBe(2);
        await expectAnswer(shared, worker, run_id, "load");
      });
      expect(problems).toEqual([]);
    },
    60_000,
  );
});

describe("a run whose message is lost", () => {
  test.each([
    ["an apply", () => applying, "applied"],
    ["a plan", () => planning, "planned"],
    ["a load", () => loading, "loaded"],
  ] as const)("%s is found by the schedule", async (_, ready, outcome) => {
    const { shared, run_id } = ready();
    const copy = copyOfShared(shared);
    loseMessages(copy);
    const worker = openWorker(copy);
    expect(await work(worker)).toEqual([]);
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(recordOf(copy, run_id)).toMatchObject({ state: "ended", outcome });
  });
});
