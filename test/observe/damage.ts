/** Damages of a deployment, and the test that a check names each as exactly one fact and proposes what mends it. */
import { beforeAll, expect, test } from "vitest";
import type { ledgerOf } from "../apply/cluster.ts";
import { type Client, copyOf, openClient, storedObjects, writeLedger } from "../apply/cluster.ts";
import { type CheckedCluster, check, checkedCluster, commandsIn, flawsIn } from "./checked-cluster.ts";

export interface Damage {
  readonly name: string;
  readonly plant: (cluster: CheckedCluster) => Promise<unknown> | unknown;
  /** `verdict area subject`. */
  readonly fact: (cluster: CheckedCluster) => string;
  /** What its sentence says. */
  readonly says: RegExp;
  /** The proposed commands; ids of approvals are left out. */
  readonly repair: readonly string[];
}

/** Another tool writes the next revision. */
export function writtenByAnother(
  client: Client,
  change: (state: ReturnType<typeof ledgerOf>) => object,
): void {
  writeLedger(client.world, (state) => ({ ...change(state), state_revision: state.state_revision + 1 }));
}

/** The same cluster with a past for every test, each with a copy of its own. */
export function freshClusters(): () => CheckedCluster {
  let template: CheckedCluster | null = null;
  beforeAll(async () => {
    template = await checkedCluster();
  });
  return () => {
    if (template === null) throw new Error("the cluster is made before the tests");
    return { ...template, client: openClient(copyOf(template.client.world)) };
  };
}

export function namesEach(damages: readonly Damage[]): void {
  const fresh = freshClusters();
  test.each(damages.map((each) => [each.name, each] as const))(
    "names %s, and nothing else",
    async (_, damage) => {
      const cluster = fresh();
      expect(flawsIn(await check(cluster.client))).toEqual([]);
      await damage.plant(cluster);
      const { world } = cluster.client;
      const before = storedObjects(world);

      // A program of its own: what an earlier one knew is no longer in memory.
      const output = await check(openClient(world));

      const expected = damage.fact(cluster);
      expect(flawsIn(output)).toEqual([expected]);
      const statements = output.facts.map((each) => each.statement);
      expect(statements.filter((each) => damage.says.test(each))).toHaveLength(1);
      expect(commandsIn(output).map((each) => each.replace(/revoke .*/, "revoke"))).toEqual(damage.repair);
      expect(output.ok).toBe(!expected.startsWith("contradicted"));
      expect(storedObjects(world)).toEqual(before);
    },
  );
}
