/**
 * The config that was applied last, for runs that are about none: while nobody can read it they wait, where nobody has it
 * they go by the ledger, and whatever they find, history goes on naming it (U1).
 */
import { describe, expect, test } from "vitest";
import type { Receipt } from "../../lib/ledger/receipt.ts";
import type { ResourceStatus } from "../../lib/ledger/state.ts";
import type { Handled } from "../../lib/worker/handle-message.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { apply, desiredFrom, keysBelow, ledgerOf, migrateBehind, openClient } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { death } from "../apply/death.ts";
import { interfering } from "../apply/faults.ts";
import type { Fate } from "../apply/interference.ts";
import { historyOf } from "../apply/invariants.ts";
import {
  appliedDeployment,
  beside,
  DEMO,
  INVOCATION_MS,
  openWorker,
  ordered,
  recordOf,
  type Shared,
  type Worker,
  work,
  worldOf,
} from "./deployment.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const WITH_NOTE: ClusterFiles = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
const BUNDLES = "__graphform/bundles/";

function newest(shared: Shared): Receipt {
  const receipt = historyOf(worldOf(shared)).at(-1);
  if (receipt === undefined) throw new Error("there is no history");
  return receipt;
}

function statusOf(shared: Shared): ResourceStatus | undefined {
  return ledgerOf(worldOf(shared)).resource_statuses["schema.people"]?.status;
}

async function scheduled(worker: Worker): Promise<readonly Handled[]> {
  await promptSchedule(worker.deployment, DEMO, "refresh");
  return work(worker);
}

async function orderedRefresh(worker: Worker): Promise<readonly Handled[]> {
  await ordered(worker, { kind: "refresh" });
  return work(worker);
}

/** Nobody can read the bundles. */
function withoutBundles(shared: Shared): Worker {
  return openWorker(
    shared,
    interfering(({ verb, key }) => (verb === "get" && key.startsWith(BUNDLES) ? "fail" : "act")),
  );
}

const REFRESHES = [
  ["of the schedule", scheduled],
  ["that was ordered", orderedRefresh],
] as const;

describe("a refresh", () => {
  test.each(REFRESHES)(
    "%s waits for the config that it cannot read, and no drift is lost",
    async (_, refresh) => {
      const { shared } = await appliedDeployment(CONFIG);
      const { bundle_digest, config_digest } = newest(shared);
      await migrateBehind(beside(shared), "people", PERSON_WITH_NOTE);
      await refresh(openWorker(shared));
      const found = ledgerOf(worldOf(shared));
      expect(statusOf(shared)).toBe("drifted");

      expect((await refresh(withoutBundles(shared))).map((each) => each.tag)).toEqual(["later"]);
      expect(ledgerOf(worldOf(shared))).toEqual(found);
      await refresh(openWorker(shared));
      expect(statusOf(shared)).toBe("drifted");
      expect(newest(shared)).toMatchObject({ kind: "refresh", bundle_digest, config_digest });
    },
  );

  test.each(REFRESHES)("%s waits for the ledger that says which config that is", async (_, refresh) => {
    const { shared } = await appliedDeployment(CONFIG);
    await migrateBehind(beside(shared), "people", PERSON_WITH_NOTE);
    const history = historyOf(worldOf(shared));
    let reads = 0;
    const blind = openWorker(
      shared,
      interfering(({ verb, key }) => {
        if (verb !== "get" || key !== "__cluster/state.json") return "act";
        reads += 1;
        // All attempts at the first reading, and not the one under the lease.
        return reads <= 5 ? "fail" : "act";
      }),
    );
    expect((await refresh(blind)).map((each) => each.tag)).toEqual(["later"]);
    expect(historyOf(worldOf(shared))).toEqual(history);
  });

  test.each(REFRESHES)("%s goes by the ledger where the config is not kept", async (_, refresh) => {
    const { shared } = await appliedDeployment(CONFIG);
    const { bundle_digest, config_digest } = newest(shared);
    expect(bundle_digest).not.toBeNull();
    const { objects } = worldOf(shared).objects;
    for (const key of keysBelow(worldOf(shared), BUNDLES)) objects.delete(key);
    await refresh(openWorker(shared));
    expect(statusOf(shared)).toBe("applied");

    await migrateBehind(beside(shared), "people", PERSON_WITH_NOTE);
    for (let round = 0; round < 2; round += 1) {
      await refresh(openWorker(shared));
      expect(statusOf(shared)).toBe("drifted");
      expect(newest(shared)).toMatchObject({ kind: "refresh", bundle_digest, config_digest });
    }
    await migrateBehind(beside(shared), "people", PERSON);
    await refresh(openWorker(shared));
    expect(statusOf(shared)).toBe("applied");
  });

  test("does not take a config for the applied one that another has taken the place of meanwhile", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    let applied = false;
    const late = openWorker(shared, {
      count: { calls: 0 },
      before: async ({ verb }): Promise<Fate> => {
        if (verb !== "lease.acquire" || applied) return "act";
        applied = true;
        expect((await apply(beside(shared), WITH_NOTE)).converged).toBe(true);
        return "act";
      },
    });
    await scheduled(late);
    expect(applied).toBe(true);
    expect(statusOf(shared)).toBe("applied");
    expect(newest(shared)).toMatchObject({ bundle_digest: desiredFrom(WITH_NOTE).bundle_digest });
  });
});

describe("a cluster to which nothing was applied", () => {
  test("has no config in its history, whoever imports and refreshes it", async () => {
    const worker = await appliedDeployment(null);
    await orderedRefresh(worker);
    await scheduled(worker);
    const named = historyOf(worldOf(worker.shared)).map((each) => [each.bundle_digest, each.config_digest]);
    expect(named.flat().filter((each) => each !== null)).toEqual([]);
  });
});

describe("a recovery", () => {
  test("that was ordered or is due waits for the config that it cannot read", async () => {
    const { shared } = await appliedDeployment(CONFIG);
    const { bundle_digest } = newest(shared);
    const { died, die } = death();
    let dead = false;
    const crashing = openClient(
      worldOf(shared),
      interfering(({ writes, key }) => {
        if (dead) return "die_before";
        if (!writes || !key.includes("people.omni/__manifest/")) return "act";
        dead = true;
        die();
        return "die_after";
      }),
    );
    await Promise.race([apply(crashing, WITH_NOTE), died]);
    shared.clock.advance(INVOCATION_MS);
    const left = historyOf(worldOf(shared));

    const blind = withoutBundles(shared);
    const { run_id } = await ordered(blind, { kind: "recover" });
    expect((await work(blind)).map((each) => each.tag)).toEqual(["later"]);
    expect(historyOf(worldOf(shared))).toEqual(left);
    await promptSchedule(blind.deployment, DEMO, "watch");
    await work(openWorker(shared));
    expect(recordOf(shared, run_id).outcome).toBe("applied");
    const begin = left.at(-1);
    expect(begin).toMatchObject({ kind: "begin" });
    expect(begin?.bundle_digest).not.toBe(bundle_digest);
    expect(newest(shared)).toMatchObject({ kind: "recovery", bundle_digest: begin?.bundle_digest });
  });
});
