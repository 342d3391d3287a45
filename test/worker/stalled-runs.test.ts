/** Runs whose attempts use their time up: those that never come any further are ended, all others go on. */
import { describe, expect, test } from "vitest";
import type { RunId } from "../../lib/digest/ids.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { STALLED_STOPS_MAX } from "../../lib/worker/limits.ts";
import { decodeRunOutput } from "../../lib/worker/run-output.ts";
import { readRunView } from "../../lib/worker/run-view.ts";
import { keysBelow } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { expectConverged } from "../apply/invariants.ts";
import {
  appliedDeployment,
  applyAsk,
  DEMO,
  kindsOf,
  openWorker,
  ordered,
  recordOf,
  type Shared,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const IDS = ["a", "b", "c", "d", "e", "f"];
const DRAIN = JSON.stringify({ format_version: 1, kind: "drain", cluster: DEMO });
const TURN_MS = 60_000;
const MOST_OF_IT_MS = 50_000;

function graphs(...ids: readonly string[]): ClusterFiles {
  return { graphs: Object.fromEntries(ids.map((id) => [id, { schema: PERSON }])) };
}

/** The first write below `prefix` of each turn of this worker takes most of its time. */
function slowAt(shared: Shared, fits: (key: string) => boolean): Worker {
  let turn: string | null = null;
  const interference = interfering(({ writes, key, verb }) => {
    if (verb === "lease.acquire") turn = null;
    if (writes && fits(key) && turn === null) {
      turn = key;
      shared.clock.advance(MOST_OF_IT_MS);
    }
    return "act";
  });
  return openWorker(shared, interference, TURN_MS);
}

const beforeEffects = (shared: Shared) => slowAt(shared, (key) => key.startsWith("__cluster/recoveries/"));
const atEffects = (shared: Shared) => slowAt(shared, (key) => key.includes("/__manifest/"));

async function begun(...ids: readonly string[]): Promise<{ shared: Shared; run_id: RunId }> {
  const { shared } = await appliedDeployment(null);
  const worker = openWorker(shared);
  const { run_id } = await ordered(worker, await applyAsk(worker, graphs(...ids)));
  return { shared, run_id };
}

async function turn({ deployment, context }: Worker): Promise<string> {
  return (await handleBody(deployment, DRAIN, context)).tag;
}

describe("a run that uses the time of its workers up", () => {
  test("before its first effect every time is ended after some, and its answer says where to run it", async () => {
    const { shared, run_id } = await begun("a");
    const worker = beforeEffects(shared);
    const handled = await work(worker);

    expect(handled.filter(({ tag }) => tag === "prompted")).toHaveLength(STALLED_STOPS_MAX);
    expect(recordOf(shared, run_id)).toMatchObject({
      ...{ state: "ended", outcome: "partial", stalled: { stops: STALLED_STOPS_MAX } },
      diagnostics: ["too_large_for_runner"],
    });
    const view = await readRunView(worker.deployment.open(DEMO), run_id);
    expect(JSON.stringify(view)).toContain("`graphform apply`, with the same config");
    expect(keysBelow(worldOf(shared), "__graphform/open-runs/")).toEqual([]);
    expect(kindsOf(shared.notices)).toEqual(["failed"]);
  });

  test("for one effect at a time goes on to the end", async () => {
    const { shared, run_id } = await begun(...IDS);
    await work(atEffects(shared));
    const { outcome, attempts } = recordOf(shared, run_id);
    expect([outcome, attempts.length]).toEqual(["applied", IDS.length]);
    await expectConverged(worldOf(shared), IDS);
  });

  test("is counted anew whenever it has come further", async () => {
    const { shared, run_id } = await begun("a", "b");
    for (let effects = 0; effects < 2; effects += 1) {
      for (let stops = 1; stops < STALLED_STOPS_MAX; stops += 1) {
        await turn(beforeEffects(shared));
        expect(recordOf(shared, run_id).stalled?.stops).toBe(stops);
      }
      await turn(atEffects(shared));
      if (effects === 0) expect(recordOf(shared, run_id).stalled).toBeUndefined();
    }
    expect(recordOf(shared, run_id).outcome).toBe("applied");
  });

  test("is not ended because its server was stopped before it could begin", async () => {
    const { shared, run_id } = await begun("a");
    for (let stops = 0; stops <= STALLED_STOPS_MAX; stops += 1) {
      let stopped = false;
      const worker = openWorker(
        shared,
        interfering(({ writes, key }) => {
          stopped ||= writes && key.startsWith("__cluster/recoveries/");
          return "act";
        }),
      );
      await handleBody(worker.deployment, DRAIN, { ...worker.context, interrupted: () => stopped });
    }
    const { state, stalled, attempts } = recordOf(shared, run_id);
    expect([state, stalled, attempts.length]).toEqual(["continuing", undefined, 1 + STALLED_STOPS_MAX]);
    await work(openWorker(shared));
    expect(recordOf(shared, run_id).outcome).toBe("applied");
  });
});

describe("a run that waited, and whose time is over in the middle of what was approved", () => {
  test("says what is left by its answer, and not by what was left while it waited (A5)", async () => {
    const worker = await appliedDeployment(graphs("a", "b", "c"));
    const { shared } = worker;
    const { run_id } = await ordered(worker, await applyAsk(worker, graphs("a")));
    await work(worker);
    const { plan_id } = recordOf(shared, run_id);
    for (const resource of ["graph.b", "graph.c"]) {
      const { output } = await approveChange(worker.deployment.open(DEMO), {
        ...{ config_dir: "demo", resource, plan_id: plan_id!, actor: "dana", data_loss: false },
        ...{ tolerance: 0, lifetime_ms: APPROVAL_LIFETIME_MS, reason: null },
      });
      expect(output.diagnostics.filter((each) => each.severity === "error")).toEqual([]);
    }

    await turn(atEffects(shared));
    expect(recordOf(shared, run_id)).toMatchObject({ state: "continuing", has_waited: true });
    const kept = worldOf(shared).objects.objects.get(`__graphform/run-outputs/${run_id}.json`);
    const decoded = decodeRunOutput(kept ?? new Uint8Array());
    expect(decoded).toMatchObject({ tag: "decoded", left_undone: null });

    await turn(worker);
    expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
  });
});
