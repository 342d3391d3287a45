/** Runs with targets: silence of the store is not absence, and what a run has deleted itself is not unknown to it. */
import { describe, expect, test } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import type { RunAsk } from "../../lib/worker/run-ordering.ts";
import { ledgerOf, putText } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { interfering } from "../apply/faults.ts";
import {
  appliedDeployment,
  applyAsk,
  DEMO,
  INVOCATION_MS,
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

const BEFORE: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
const WITHOUT_SHOP: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const SHOP = ["shop" as GraphId];
const DRAIN = JSON.stringify({ format_version: 1, kind: "drain", cluster: DEMO });

/** Nobody can read the ledger. */
function blind(shared: Shared): Worker {
  const fate = ({ verb, key }: { readonly verb: string; readonly key: string }) =>
    verb === "get" && key === "__cluster/state.json" ? "fail" : "act";
  return openWorker(shared, interfering(fate));
}

async function watched(worker: Worker): Promise<void> {
  await promptSchedule(worker.deployment, DEMO, "watch");
  await work(worker);
}

describe("a run that targets a graph which only the ledger has", () => {
  test.each([
    ["an apply", applyAsk, { state: "waiting_approval", outcome: null }],
    ["a plan", planAsk, { state: "ended", outcome: "planned" }],
  ] as const)("%s: waits for a ledger that nobody can read just now", async (_, askFor, then) => {
    const worker = await appliedDeployment(BEFORE);
    const ask: RunAsk = { ...(await askFor(worker, WITHOUT_SHOP)), targets: SHOP };
    const { run_id } = await ordered(worker, ask);
    const handled = await work(blind(worker.shared));
    expect(handled.map((each) => each.tag)).toEqual(["later"]);
    expect(recordOf(worker.shared, run_id).state).not.toBe("ended");
    await watched(worker);
    expect(recordOf(worker.shared, run_id)).toMatchObject(then);
  });

  test("is told what is wrong with a ledger that is damaged, and not that there is no such graph", async () => {
    const worker = await appliedDeployment(BEFORE);
    const { run_id } = await ordered(worker, {
      ...(await planAsk(worker, WITHOUT_SHOP)),
      targets: SHOP,
    });
    putText(worldOf(worker.shared), "__cluster/state.json", "{");
    await work(worker);
    expect(recordOf(worker.shared, run_id).diagnostics).not.toContain("target_unknown");
  });

  test("has deleted it, although its worker died before it could say so (A7)", async () => {
    const { shared } = await appliedDeployment(BEFORE);
    const worker = openWorker(shared);
    const { run_id } = await ordered(worker, { ...(await applyAsk(worker, WITHOUT_SHOP)), targets: SHOP });
    await work(worker);
    await approved(worker, recordOf(shared, run_id).plan_id!);
    const { died, die } = death();
    let moves = 0;
    const dying = openWorker(
      shared,
      interfering(({ writes, key }) => {
        if (writes && key === `__graphform/runs/${run_id}.json`) moves += 1;
        if (moves < 2) return "act";
        die();
        return "die_before";
      }),
    );
    await Promise.race([handleBody(dying.deployment, DRAIN, dying.context), died]);
    expect(ledgerOf(worldOf(shared)).applied_revision.resources).not.toHaveProperty(["graph.shop"]);
    expect(recordOf(shared, run_id).state).toBe("running");

    shared.clock.advance(VISIBILITY_MS + INVOCATION_MS);
    await watched(openWorker(shared));
    expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "applied", diagnostics: [] });
  });
});

async function approved(
  { deployment }: Worker,
  plan_id: NonNullable<ReturnType<typeof recordOf>["plan_id"]>,
): Promise<void> {
  const { output } = await approveChange(deployment.open(DEMO), {
    ...{ config_dir: "demo", resource: "graph.shop", plan_id, actor: "dana", data_loss: false },
    ...{ tolerance: 0, lifetime_ms: APPROVAL_LIFETIME_MS, reason: null },
  });
  expect(output.ok).toBe(true);
}
