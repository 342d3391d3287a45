/** The watch of the schedule: it goes on with what others have left, and tells what only people can judge. */
import { describe, expect, test } from "vitest";
import { applyUntil } from "../../lib/apply/runs/recorded-apply.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { cancelRun } from "../../lib/operate/cancel-run.ts";
import type { LogEvent } from "../../lib/ports/log.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import {
  apply,
  applyCommand,
  keysBelow,
  openClient,
  putText,
  storedObjects,
  textOf,
} from "../apply/cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { interfering } from "../apply/faults.ts";
import { OPERATION, putIntent } from "../apply/open-intent.ts";
import { LONG_MS, stopAfter, AFTER as THREE, BEFORE as TWO } from "../apply/stopped-run.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  DEMO,
  INVOCATION_MS,
  openWorker,
  ordered,
  planAsk,
  recordOf,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };

describe("the watch", () => {
  test("settles what a crash left open where no run will, and then has nothing to do", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { shared } = worker;
    const { died, die } = death();
    let dead = false;
    const crashing = openClient(
      worldOf(shared),
      interfering((call) => {
        if (dead) return "die_before";
        if (!call.writes || !call.key.includes("people.omni/__manifest/")) return "act";
        dead = true;
        die();
        return "die_after";
      }),
    );
    const config = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
    await Promise.race([apply(crashing, config), died]);
    expect(keysBelow(worldOf(shared), "__cluster/recoveries/")).toHaveLength(1);

    await promptSchedule(worker.deployment, DEMO, "watch");
    expect(await work(worker)).toEqual([{ tag: "held" }]);
    shared.clock.advance(INVOCATION_MS);
    await promptSchedule(worker.deployment, DEMO, "watch");
    expect(await work(worker)).toEqual([{ tag: "ended" }]);
    expect(keysBelow(worldOf(shared), "__cluster/recoveries/")).toEqual([]);
    const settled = storedObjects(worldOf(shared));
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(storedObjects(worldOf(shared))).toEqual(settled);
  });

  test.each([
    ["an intent that cannot be read", "{", "invalid_recovery_sidecar"],
    ["an intent of another tool, which names no version", null, "cluster_recovery_pending"],
  ])("tells of %s, which only a person can judge, as often as it is found", async (_, text, code) => {
    const worker = await appliedDeployment(CONFIG);
    const lines: LogEvent[] = [];
    const log = {
      info: (line: LogEvent) => void lines.push(line),
      warn: (line: LogEvent) => void lines.push(line),
    };
    const logged = { ...worker, deployment: { ...worker.deployment, log } };
    const stuck = () => lines.filter(({ event }) => event === "work.stuck").map(({ codes }) => codes);
    const watched = async () => {
      await promptSchedule(worker.deployment, DEMO, "watch");
      await work(logged);
    };
    await watched();
    expect(stuck()).toEqual([]);

    const client = { world: worldOf(worker.shared), ports: worker.deployment.open(DEMO) };
    if (text === null)
      putIntent(client, { observed_manifest_version: null, expected_manifest_version: null });
    else putText(client.world, `__cluster/recoveries/${OPERATION}.json`, text);
    await watched();
    await watched();
    expect(stuck()).toEqual([code, code]);

    worker.shared.worlds.get(DEMO)?.objects.objects.delete(`__cluster/recoveries/${OPERATION}.json`);
    await watched();
    expect(stuck()).toHaveLength(2);
  });

  test("tells of runs whose record cannot be read, also once nothing else is left to do", async () => {
    const worker = await appliedDeployment(CONFIG);
    const stuck: unknown[] = [];
    const warn = (line: LogEvent) => void (line.event === "work.stuck" && stuck.push(line["codes"]));
    const logged = {
      ...worker,
      deployment: { ...worker.deployment, log: { info: () => undefined, warn } },
    };
    const applying = await ordered(worker, await applyAsk(worker, TWO));
    const planning = await ordered(worker, await planAsk(worker, TWO));
    for (const { run_id } of [applying, planning]) {
      const key = `__graphform/runs/${run_id}.json`;
      const text = textOf(worldOf(worker.shared), key);
      // As a newer program writes it.
      putText(worldOf(worker.shared), key, text.replace('"format_version": 1', '"format_version": 2'));
    }
    const readable = await ordered(worker, { kind: "refresh" });
    await work(logged);
    expect(recordOf(worker.shared, readable.run_id).state).toBe("ended");
    // The message of the plan has found its record, and that of the apply the runs that can be read.
    expect(stuck).toEqual(["run_record_invalid"]);

    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(logged);
    expect(stuck).toEqual(["run_record_invalid", "run_record_invalid run_record_invalid"]);
  });

  test("of the hourly refresh tells of a ledger that is damaged, and not of a store that is silent", async () => {
    const worker = await appliedDeployment(CONFIG);
    const events: string[] = [];
    const log = { info: () => undefined, warn: ({ event }: LogEvent) => void events.push(event) };
    const refreshed = async (of: Worker) => {
      await promptSchedule(of.deployment, DEMO, "refresh");
      await work({ ...of, deployment: { ...of.deployment, log } });
    };
    await refreshed(
      openWorker(
        worker.shared,
        interfering(() => "fail"),
      ),
    );
    expect(events.filter((event) => event === "work.stuck")).toEqual([]);
    putText(worldOf(worker.shared), "__cluster/state.json", "{");
    await refreshed(worker);
    expect(events.filter((event) => event === "work.stuck")).toHaveLength(1);
  });

  /** What the queue of the deployment hands out now; all of it is hidden then, as by a worker that is killed. */
  async function kindsHandedOut({ deployment }: Worker): Promise<readonly string[]> {
    const received = await deployment.applies.receive(0);
    const messages = received.tag === "received" ? received.messages : [];
    return messages.map(({ body }) => JSON.parse(body).kind);
  }

  test("is handed out while a message of its cluster is hidden by a worker that was killed", async () => {
    const worker = await appliedDeployment(CONFIG);
    await ordered(worker, { kind: "refresh" });
    expect(await kindsHandedOut(worker)).toEqual(["drain"]);
    await ordered(worker, { kind: "refresh" });
    await promptSchedule(worker.deployment, DEMO, "refresh");
    expect(await kindsHandedOut(worker)).toEqual(["refresh"]);
    await promptSchedule(worker.deployment, DEMO, "refresh");
    await promptSchedule(worker.deployment, DEMO, "watch");
    expect(await kindsHandedOut(worker)).toEqual(["watch"]);
  });

  test("prompts a drain that is handed out at once, also while those before it are hidden", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { run_id } = await ordered(worker, { kind: "refresh" });
    for (let killed = 0; killed < 2; killed += 1) {
      expect(await kindsHandedOut(worker)).toEqual(["drain"]);
      const watching = JSON.stringify({ format_version: 1, kind: "watch", cluster: DEMO });
      expect(await handleBody(worker.deployment, watching, worker.context)).toEqual({ tag: "ended" });
    }
    expect(await work(worker)).toMatchObject([{ tag: "drained", runs: 1 }]);
    expect(recordOf(worker.shared, run_id).state).toBe("ended");
  });

  test("ends a run that has waited for an approval for too long", async () => {
    const worker = await appliedDeployment({
      graphs: { people: { schema: PERSON }, shop: { schema: PERSON } },
    });
    const { run_id } = await ordered(worker, await applyAsk(worker, CONFIG));
    await work(worker);
    expect(recordOf(worker.shared, run_id).state).toBe("waiting_approval");
    worker.shared.clock.advance(31 * 24 * 3_600_000);
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject({
      state: "ended",
      diagnostics: ["waiting_run_over"],
    });
  });

  test("leaves a run alone that somebody has given up, and that of a command line on the same root", async () => {
    const worker = await appliedDeployment(TWO);
    const laptop = beside(worker.shared);
    const stopped = await applyUntil(
      laptop.ports,
      applyCommand(THREE, { ...stopAfter(1), trigger: "cli" }),
      LONG_MS,
    );
    expect(stopped.outcome).toBe("continuing");
    const ask = await applyAsk(worker, TWO);
    const { run_id } = await ordered(worker, ask);
    expect((await cancelRun(laptop.ports, run_id)).diagnostics).toEqual([]);
    await promptSchedule(worker.deployment, DEMO, "watch");
    await work(worker);
    expect(recordOf(worker.shared, run_id).outcome).toBe("canceled");
    expect(recordOf(worker.shared, stopped.run_id as RunId).state).toBe("continuing");
  });
});
