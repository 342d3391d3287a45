/** Workers: their time is limited, policy is asked again, and the schedule looks after what they leave. */
import { describe, expect, test } from "vitest";
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, RunId } from "../../lib/digest/ids.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { apply, keysBelow, ledgerOf, openClient, storedObjects } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { faultAt, interfering } from "../apply/faults.ts";
import type { Fate } from "../apply/interference.ts";
import { chainOf, expectConverged } from "../apply/invariants.ts";
import { LONG_MS } from "../apply/stopped-run.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  copyOfShared,
  DEMO,
  handInRows,
  INVOCATION_MS,
  kindsOf,
  loseMessages,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Shared,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const MANY: ClusterFiles = {
  graphs: Object.fromEntries(["a", "b", "c", "d"].map((id) => [id, { schema: PERSON }])),
};
/** Beside what `CONFIG` declares. */
const MORE: ClusterFiles = { graphs: { ...CONFIG.graphs, ...MANY.graphs } };
const DRAIN = JSON.stringify({ format_version: 1, kind: "drain", cluster: DEMO });

/** A run that died before its effect has left its intent and its lease, whose time is over. */
async function leaveAnIntent(shared: Shared): Promise<void> {
  const { died, die } = death();
  let dead = false;
  const dying = openClient(
    worldOf(shared),
    interfering((call) => {
      dead ||= call.writes && call.key.includes("people.omni/__manifest/");
      if (!dead) return "act";
      die();
      return "die_before";
    }),
  );
  await Promise.race([apply(dying, { graphs: { people: { schema: PERSON_WITH_NOTE } } }), died]);
  expect(keysBelow(worldOf(shared), "__cluster/recoveries/")).toHaveLength(1);
  shared.clock.advance(INVOCATION_MS);
}

/** Each publication of a manifest takes a while, and nothing else any time. */
function slow(shared: Shared, effectMs: number, remainingMs: number): Worker {
  const interference = interfering((call) => {
    if (call.writes && call.key.includes("/__manifest/")) shared.clock.advance(effectMs);
    return "act";
  });
  return openWorker(shared, interference, remainingMs);
}

describe("a worker whose time is limited", () => {
  test("stops between two effects and prompts, and the next one goes on with the same run (A5, A7)", async () => {
    const { shared } = await appliedDeployment(null);
    const worker = slow(shared, 20_000, 60_000);
    const { run_id } = await ordered(worker, await applyAsk(worker, MANY));
    const handled = await work(worker);

    expect(handled.map((each) => each.tag)).toContain("prompted");
    const record = recordOf(shared, run_id);
    expect(record).toMatchObject({ state: "ended", outcome: "applied" });
    expect(record.attempts.length).toBeGreaterThan(1);
    await expectConverged(worldOf(shared), ["a", "b", "c", "d"]);
    for (const graph of ["a", "b", "c", "d"]) expect(await chainOf(beside(shared), graph)).toHaveLength(1);
    expect(kindsOf(shared.notices)).toEqual(["applied"]);
  });

  test("finishes what was begun before it begins anything else", async () => {
    const { shared } = await appliedDeployment(null);
    const worker = slow(shared, 20_000, 60_000);
    const first = await ordered(worker, await applyAsk(worker, MANY));
    await handleBody(worker.deployment, DRAIN, worker.context);
    expect(recordOf(shared, first.run_id).state).toBe("continuing");
    const second = await ordered(worker, { kind: "refresh" });
    await work(worker);
    const [one, two] = [first, second].map((each) => recordOf(shared, each.run_id));
    expect([one?.outcome, two?.outcome]).toEqual(["applied", "noop"]);
    expect(one!.ended_at! <= two!.started_at!).toBe(true);
  });

  test("leaves what it cannot stop on the way to an invocation with most of its time before it", async () => {
    const { shared } = await appliedDeployment(null);
    const worker = slow(shared, 8_000, 60_000);
    const first = await ordered(worker, await applyAsk(worker, MANY));
    const second = await ordered(worker, { kind: "refresh" });
    const handled = await handleBody(worker.deployment, DRAIN, worker.context);
    expect(handled).toEqual({ tag: "prompted", runs: 1 });
    expect(recordOf(shared, first.run_id).outcome).toBe("applied");
    expect(recordOf(shared, second.run_id).state).toBe("queued");
    await work(worker);
    expect(recordOf(shared, second.run_id).state).toBe("ended");
  });

  test("begins it all the same if it has done nothing else, however long it took to find it", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(openWorker(shared), { kind: "refresh" });
    const listing = interfering(({ verb, key }) => {
      if (verb === "list" && key.startsWith("__graphform/open-runs/")) shared.clock.advance(20_000);
      return "act";
    });
    const worker = openWorker(shared, listing, 60_000);
    await handleBody(worker.deployment, DRAIN, worker.context);
    expect(recordOf(shared, run_id).state).toBe("ended");
  });

  test("that is ended again and again before it is done gives the run up, and says where to run it", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const worker = openWorker(shared);
    const { run_id } = await ordered(
      worker,
      await applyAsk(worker, { graphs: { people: { schema: PERSON_WITH_NOTE } } }),
    );
    for (let round = 0; round < 3; round += 1) {
      let dead = false;
      const { died, die } = death();
      const dying = openWorker(
        shared,
        interfering((call) => {
          if (call.writes && /people.omni.*__manifest/.test(call.key)) dead = true;
          if (!dead) return "act";
          die();
          return "die_before";
        }),
      );
      await Promise.race([handleBody(dying.deployment, DRAIN, dying.context), died]);
      shared.clock.advance(INVOCATION_MS);
    }
    const next = await ordered(worker, { kind: "refresh" });
    await work(worker);

    const record = recordOf(shared, run_id);
    expect(record).toMatchObject({
      state: "ended",
      outcome: "unknown",
      diagnostics: ["too_large_for_runner"],
    });
    expect(recordOf(shared, next.run_id).state).toBe("ended");
    expect(keysBelow(worldOf(shared), "__cluster/recoveries/")).toEqual([]);
  });
});

describe("policy", () => {
  test("is asked again under the lease, and a run that it no longer permits changes nothing", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    const before = ledgerOf(worldOf(worker.shared));
    worker.shared.decide = () => ({
      tag: "denied",
      message: "not on Fridays",
      rules: ["quiet-days"],
      masked: false,
    });
    await work(worker);

    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "ended",
      outcome: "refused",
      diagnostics: expect.arrayContaining(["run_denied"]),
    });
    expect(ledgerOf(worldOf(worker.shared))).toEqual(before);
    const view = await readRunView(worker.deployment.open(DEMO), run_id);
    expect(JSON.stringify(view)).toContain("not on Fridays Rules: quiet-days.");
  });

  test("sees the plan that runs, without what waits for an approval, and everybody who has a part in it", async () => {
    const worker = await appliedDeployment({
      graphs: { people: { schema: PERSON }, shop: { schema: PERSON } },
    });
    worker.shared.questions.length = 0;
    const planning = await ordered(
      worker,
      await planAsk(worker, { graphs: { people: { schema: PERSON_WITH_NOTE } } }),
      { actor: "bob", caller: null },
    );
    await work(worker);
    const plan_id = recordOf(worker.shared, planning.run_id).plan_id!;
    await ordered(
      worker,
      { kind: "apply_plan", plan_id, allow_mass_delete: false },
      { actor: "eve", caller: null },
    );
    await work(worker);

    const [{ caller, request }] = worker.shared.questions as [(typeof worker.shared.questions)[0]];
    expect(caller).toEqual({
      actor: "eve",
      source: "iam",
      canonical: "eve",
      session: null,
      amr: [],
      claim_groups: [],
    });
    if (request.kind !== "apply") throw new Error(request.kind);
    expect(request.authors).toEqual(["ana", "bob"]);
    expect(request.plan.changes.map((each) => each.resource)).toEqual(["graph.people", "schema.people"]);
    expect(request.ledger?.state.state_revision).toBe(ledgerOf(worldOf(worker.shared)).state_revision - 2);
  });

  test("finds who brought the files of a plan that waits for an approval", async () => {
    const shop = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
    const worker = await appliedDeployment(shop);
    const ask = await applyAsk(worker, { graphs: { people: { schema: PERSON_WITH_NOTE } } });
    await ordered(worker, ask, { actor: "bob", caller: null });
    await work(worker);
    const authors = storedObjects(worldOf(worker.shared)).get(
      `__graphform/authors/${sha256(PERSON_WITH_NOTE)}.json`,
    );
    expect(JSON.parse(authors ?? "{}")).toMatchObject({ actor: "ana" });
  });

  test("that could not be asked is asked again later, and nothing is applied meanwhile", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, await applyAsk(worker, MORE));
    worker.shared.decide = () => ({ tag: "failed", reason: "Cedar did not load" });
    expect((await work(worker)).map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "continuing",
      diagnostics: expect.arrayContaining(["run_access_undecided"]),
    });
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("applied");
  });

  test("is asked before rows are loaded, and nobody known loads nothing", async () => {
    const worker = await appliedDeployment(CONFIG);
    const upload_key = await handInRows(worker, "");
    const forged = await handInRows(worker, "");
    worker.shared.inbox.set(forged, {
      bytes: Buffer.from(""),
      metadata: {},
      version: "2",
      uploaded_at: null,
    });
    const ask = { kind: "load", graph: "people" as GraphId, mode: "append", upload_key } as const;
    const runs: RunRecord[] = [await ordered(worker, ask, { actor: null, caller: null })];
    worker.shared.decide = () => ({ tag: "denied", message: "no", rules: [], masked: true });
    runs.push(await ordered(worker, ask));
    await work(worker);
    worker.shared.decide = () => ({ tag: "allowed", rules: [] });
    runs.push(await ordered(worker, { ...ask, upload_key: "inbox/demo/gone.jsonl" }));
    runs.push(await ordered(worker, { ...ask, upload_key: forged }));
    runs.push(await ordered(worker, ask));
    await work(worker);
    expect(
      runs
        .map(({ run_id }) => recordOf(worker.shared, run_id))
        .map(({ outcome, diagnostics }) => [outcome, ...diagnostics]),
    ).toEqual([
      ["refused", "run_denied"],
      ["refused", "run_denied"],
      ["refused", "upload_not_found"],
      ["refused", "upload_not_taken"],
      ["loaded"],
    ]);
  });
});

describe("a worker that comes while another holds the lease", () => {
  test("leaves, and the holder finds the run that was ordered meanwhile", async () => {
    const ready = await appliedDeployment(CONFIG);
    const shared = copyOfShared(ready.shared);
    const first = await ordered(openWorker(shared), await applyAsk(openWorker(shared), MORE));
    let second: RunId | null = null;
    let came: string | null = null;
    const holder = openWorker(
      shared,
      {
        count: { calls: 0 },
        before: async (call): Promise<Fate> => {
          if (second === null && call.writes && call.key.includes("/__manifest/")) {
            const other = openWorker(shared);
            second = (await ordered(other, { kind: "refresh" })).run_id;
            came = (await handleBody(other.deployment, DRAIN, other.context)).tag;
          }
          return "act";
        },
      },
      LONG_MS,
    );
    await handleBody(holder.deployment, DRAIN, holder.context);
    expect(came).toBe("held");
    expect([first.run_id, second!].map((id) => recordOf(shared, id).state)).toEqual(["ended", "ended"]);
  });

  test.each([
    ["refresh", "refreshes", () => null],
    ["watch", "settles what a crash has left", leaveAnIntent],
  ] as const)(
    "leaves, and the %s that %s prompts anew for the run that was ordered meanwhile",
    async (kind, _, leave) => {
      const { shared } = await appliedDeployment(CONFIG);
      await leave(shared);
      let run_id: RunId | null = null;
      let came: string | null = null;
      const holder = openWorker(shared, {
        count: { calls: 0 },
        before: async (call): Promise<Fate> => {
          if (run_id === null && call.writes && call.key === "__cluster/lock.json") {
            const other = openWorker(shared);
            run_id = (await ordered(other, await applyAsk(other, MORE))).run_id;
            loseMessages(shared);
            came = (await handleBody(other.deployment, DRAIN, other.context)).tag;
          }
          return "act";
        },
      });
      const scheduled = JSON.stringify({ format_version: 1, kind, cluster: DEMO });
      expect((await handleBody(holder.deployment, scheduled, holder.context)).tag).toBe("ended");
      expect(came).toBe("held");
      expect(recordOf(shared, run_id!).state).toBe("queued");
      await work(openWorker(shared));
      expect(recordOf(shared, run_id!).outcome).toBe("applied");
    },
  );

  test("finds nothing to do when the first died before it took anything", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(openWorker(shared), await applyAsk(openWorker(shared), MORE));
    const faulty = faultAt(1, "die_before");
    const dying = openWorker(shared, faulty);
    await Promise.race([handleBody(dying.deployment, DRAIN, dying.context), faulty.died]);
    await work(openWorker(shared));
    expect(recordOf(shared, run_id).outcome).toBe("applied");
  });
});
