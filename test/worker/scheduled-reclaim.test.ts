/** The reclaim of the schedule: bytes of deleted graphs go once they may, and a refresh leaves them alone. */
import { describe, expect, test } from "vitest";
import type { LockId, RunId } from "../../lib/digest/ids.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import type { ScheduledKind } from "../../lib/worker/work-message.ts";
import { headOf, keysBelow, removeBehind } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import {
  appliedDeployment,
  applyAsk,
  beside,
  DEMO,
  loseMessages,
  openWorker,
  ordered,
  recordOf,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };
const DAY_MS = 24 * 60 * 60 * 1000;

async function scheduled(worker: Worker, kind: ScheduledKind): Promise<void> {
  await promptSchedule(worker.deployment, DEMO, kind);
  await work(worker);
}

async function causeOf(worker: Worker): Promise<string> {
  return (await headOf(beside(worker.shared), "shop")).cause;
}

describe("the reclaim of the schedule", () => {
  test("takes a deleted graph away once its grace period is over and the ledger has its delete", async () => {
    const worker = await appliedDeployment(CONFIG);
    await removeBehind(beside(worker.shared), "shop");
    worker.shared.clock.advance(8 * DAY_MS);
    await scheduled(worker, "reclaim");
    expect(await causeOf(worker)).toBe("remove");

    await scheduled(worker, "refresh");
    expect(await causeOf(worker)).toBe("remove");
    await scheduled(worker, "reclaim");
    expect(await causeOf(worker)).toBe("reclaim");
  });

  test("waits for whoever holds the lease at that moment, and not for ever", async () => {
    const worker = await appliedDeployment(CONFIG);
    await removeBehind(beside(worker.shared), "shop");
    worker.shared.clock.advance(8 * DAY_MS);
    await scheduled(worker, "refresh");
    const { ids, lease } = worker.deployment.open(DEMO);
    const hold = async (duration_ms: number): Promise<void> => {
      const asked = { lock_id: ids.next() as LockId, run_id: ids.next() as RunId, duration_ms };
      const held = { owner: "another", operation: "refresh", token_floor: 0 } as const;
      expect(await lease.acquire({ ...asked, ...held })).toMatchObject({ tag: "done" });
    };

    await hold(20_000);
    await scheduled(worker, "reclaim");
    expect(await causeOf(worker)).toBe("reclaim");

    await hold(DAY_MS);
    await promptSchedule(worker.deployment, DEMO, "reclaim");
    expect((await work(worker)).map(({ tag }) => tag)).toEqual(["held"]);
  });

  test("prompts what it has kept from the lease", async () => {
    const worker = await appliedDeployment(CONFIG);
    const { shared } = worker;
    const { run_id } = await ordered(worker, await applyAsk(worker, CONFIG));
    loseMessages(shared);
    await scheduled(worker, "reclaim");
    expect(recordOf(shared, run_id)).toMatchObject({ state: "ended", outcome: "noop" });
  });

  test("waits for the grace period", async () => {
    const worker = await appliedDeployment(CONFIG);
    await removeBehind(beside(worker.shared), "shop");
    await scheduled(worker, "refresh");
    worker.shared.clock.advance(6 * DAY_MS);
    await scheduled(worker, "reclaim");
    expect(await causeOf(worker)).toBe("remove");
  });

  test("leaves a cluster that has no ledger as it is", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const world = worldOf(shared);
    for (const key of keysBelow(world, "")) world.objects.objects.delete(key);
    await scheduled(openWorker(shared), "reclaim");
    expect(keysBelow(world, "")).toEqual([]);
  });
});
