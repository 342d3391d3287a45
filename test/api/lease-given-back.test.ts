/** Commands of an operator that hold the lease: a run that is ordered meanwhile begins when they have given it back. */
import { expect, test } from "vitest";
import { readRun } from "../../lib/apply/runs/run-store.ts";
import type { ClusterName, RunId } from "../../lib/digest/ids.ts";
import { handleBody } from "../../lib/worker/handle-message.ts";
import { orderRun } from "../../lib/worker/order-run.ts";
import { apply, type Client, importCluster, putText, refresh, removeBehind } from "../apply/cluster.ts";
import type { Fate } from "../apply/interference.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";

/** The lock may be broken at once. */
const CONFIG = configOf({ cluster_policy: CLUSTER_POLICY.replace(", lock_min_age_seconds: 900", "") });
const BRAIN = "brain" as ClusterName;
const STUCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const [dan, ci] = [person("dan"), role("kg-ci")];

/** Handles what the queue hands out now; what it came to. */
async function worked({ deployment }: TestDeployment): Promise<readonly string[]> {
  const received = await deployment.applies.receive(0);
  const messages = received.tag === "received" ? received.messages : [];
  const access = { decide: () => Promise.reject(new Error("a refresh asks nobody")) } as never;
  const tags: string[] = [];
  for (const { body, receipt } of messages) {
    tags.push((await handleBody(deployment, body, { access, remaining_ms: 600_000 })).tag);
    await deployment.applies.acknowledge(receipt);
  }
  return tags;
}

test.each<[string, object, string, object, (client: Client) => unknown]>([
  ["reclaims", ci, "/reclaim", {}, () => null],
  ["discards", dan, `/recoveries/${STUCK}/discard`, { reason: "damaged" }, putStuck],
  ["protects", ci, "/graphs/people/protect", {}, () => null],
  ["restores", dan, "/graphs/shop/restore", {}, removeShop],
])("who %s has a run prompted again that found the lease held", async (_, who, path, body, arrange) => {
  const ordered: RunId[] = [];
  const meanwhile: string[] = [];
  const made = testDeployment({
    interference: {
      count: { calls: 0 },
      before: async ({ writes, key }): Promise<Fate> => {
        if (isArranged && ordered.length === 0 && writes && key === "__cluster/lock.json") {
          const origin = { actor: "ana", trigger: "api", git: null, idempotency_key: null, caller: null };
          ordered.push("" as RunId);
          const run = await orderRun(made.deployment, BRAIN, { kind: "refresh", ...origin });
          if (run.tag !== "ordered") throw new Error(run.tag);
          ordered[0] = run.record.run_id;
          meanwhile.push(...(await worked(made)));
        }
        return "act";
      },
    },
  });
  let isArranged = false;
  const client = made.client(BRAIN);
  await importCluster(client, CONFIG);
  expect((await apply(client, CONFIG)).converged).toBe(true);
  await arrange(client);
  isArranged = true;

  expect((await send(made, who, "POST", `/clusters/brain${path}`, { body })).body).toMatchObject({
    ok: true,
  });

  expect(meanwhile).toEqual(["held"]);
  expect(await worked(made)).toEqual(["drained"]);
  expect(await readRun(client.ports, ordered[0]!)).toMatchObject({ stored: { record: { state: "ended" } } });
  // Nobody is prompted for nothing.
  expect((await send(made, ci, "POST", "/clusters/brain/reclaim", { body: {} })).status).toBe(200);
  expect(await worked(made)).toEqual([]);
});

function putStuck({ world }: Client): void {
  putText(world, `__cluster/recoveries/${STUCK}.json`, "{");
}

async function removeShop(client: Client): Promise<void> {
  await removeBehind(client, "shop");
  await refresh(client, CONFIG);
}
