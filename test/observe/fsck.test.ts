/** The check of a whole deployment: nothing to say of one that is whole, and its proposals mend what it finds (W2). */
import { describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import {
  type Client,
  keysBelow,
  loadPeople,
  migrateBehind,
  newWorld,
  openClient,
  putText,
  refresh,
  removeBehind,
  rowsOf,
  storedObjects,
} from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { interfering, pausedAt } from "../apply/faults.ts";
import {
  ARTIFACTS,
  type CheckedCluster,
  CONFIG,
  check,
  commandsIn,
  evidenceIn,
  flawsIn,
  lastKey,
  mend,
  remove,
  STATE,
} from "./checked-cluster.ts";
import { freshClusters, writtenByAnother } from "./damage.ts";

const PAYLOADS = "__cluster/resources/query/people/find_person/";
const RESERVATION = {
  operation_id: "01BX5ZZKBKACTAV9WEVGEMMVRZ",
  run_id: "01BX5ZZKBKACTAV9WEVGEMMVRR",
  graph: "extra",
  expect: 1,
};
const fresh = freshClusters();

describe("a check of a whole deployment", () => {
  test("finds nothing unknown and nothing contradicted in one that is whole, and changes nothing", async () => {
    const { client } = fresh();
    const before = storedObjects(client.world);

    const output = await check(client);

    expect(flawsIn(output)).toEqual([]);
    expect(output).toMatchObject({ ok: true, format_version: 1, repair: [] });
    expect(output.counts.proven).toBeGreaterThan(10);
    expect(new Set(output.facts.map((each) => each.area)).size).toBe(10);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("has nothing to say of a root at which nothing is yet", async () => {
    const output = await check(openClient(newWorld()));

    expect(flawsIn(output)).toEqual([]);
    expect(output.ok).toBe(true);
  });

  test("finds one whole that another tool has written to, before and after that is recorded", async () => {
    const { client } = fresh();
    writtenByAnother(client, (state) => ({ ...state, observations: { ...state.observations, theirs: 1 } }));

    const before = await check(client);
    await loadPeople(client, "people", "bob");
    await refresh(client, CONFIG);

    expect([flawsIn(before), flawsIn(await check(client))]).toEqual([[], []]);
  });

  test.each([
    // A head that cannot be read makes the ledger unavailable, so only their listing fails.
    ["heads", "list", "__graphform/heads/", "unknown history __graphform/heads/"],
    ["open operations", "list", "__cluster/recoveries/", "unknown intents __cluster/recoveries/"],
    ["approvals", "get", "__graphform/approvals/", "unknown approvals __graphform/approvals/"],
    ["plans", "get", "__graphform/plans/", "unknown plans __graphform/plans/"],
    ["payload", "get", PAYLOADS, "unknown payloads query.people.find_person"],
    ["owner", "get", "__graphform/deployment.json", "unknown deployment __graphform/deployment.json"],
    ["graph", "get", "graphs/extra.omni/__manifest/", "unknown graphs graph.extra"],
    ["root of graphs", "list", "graphs/", "unknown graphs graphs/"],
    ["receipt", "get", "__graphform/receipts/00000000000000000002", "unknown history __graphform/receipts/"],
    ["ledger", "get", STATE, `unknown ledger ${STATE}`],
  ])("takes no %s that cannot be read for one that is wrong", async (_, verb, prefix, fact) => {
    const { client } = fresh();
    const blind = interfering((call) => (call.key.startsWith(prefix) && call.verb === verb ? "fail" : "act"));

    const output = await check(openClient(client.world, blind));

    expect(flawsIn(output)).toContain(fact);
    expect(output.ok).toBe(true);
  });

  test("calls nothing contradicted while another command is at work", async () => {
    const { client } = fresh();
    putText(client.world, lastKey(client.world, PAYLOADS), "other");
    const pause = pausedAt(12, "after");
    const running = refresh(openClient(client.world, pause), CONFIG);
    await pause.reached;

    const meanwhile = await check(client);
    pause.resume();
    await running;
    client.world.clock.advance(2 * LEASE_MS);

    expect(flawsIn(meanwhile)).toContain("unknown payloads query.people.find_person");
    expect(meanwhile.counts.contradicted).toBe(0);
    expect(meanwhile.facts.find((each) => each.verdict === "unknown")?.fix).toContain("Check again");
  });
});

interface Mended {
  readonly name: string;
  readonly plant: (cluster: CheckedCluster) => Promise<unknown> | unknown;
  readonly commands: readonly string[];
}

const behind = async ({ client }: CheckedCluster) => {
  await migrateBehind(client, "people", PERSON);
};

const MENDED: readonly Mended[] = [
  {
    name: "a corrupt payload (W2)",
    plant: ({ client }) => putText(client.world, lastKey(client.world, PAYLOADS), "other"),
    commands: ["refresh", "apply"],
  },
  {
    name: "a payload that is gone",
    plant: ({ client }) => remove(client.world, ...keysBelow(client.world, PAYLOADS)),
    commands: ["refresh", "apply"],
  },
  { name: "a lost ledger", plant: ({ client }) => remove(client.world, STATE), commands: ["import"] },
  { name: "a live schema that is another one", plant: behind, commands: ["refresh"] },
  {
    name: "a graph that was deleted behind the ledger's back",
    plant: ({ client }) => removeBehind(client, "extra"),
    commands: ["refresh"],
  },
  {
    name: "a deleted graph whose chain is gone",
    plant: ({ client }) => remove(client.world, ...keysBelow(client.world, "graphs/shop.omni/")),
    commands: ["refresh"],
  },
  {
    name: "a reservation of a run that died",
    plant: ({ client, open }) =>
      evidenceIn(client.world, open, { tag: "reserved", reservation: RESERVATION }),
    commands: ["recover"],
  },
  {
    name: "an open approval without its artifact",
    plant: ({ client, open }) => remove(client.world, `${ARTIFACTS}${open}.json`),
    commands: ["approvals revoke"],
  },
  {
    name: "an operation that cannot be read",
    plant: ({ client }) => putText(client.world, "__cluster/recoveries/odd.json", "{"),
    commands: ["recover discard odd"],
  },
  {
    name: "everything at once, in one order",
    plant: async (cluster) => {
      const { client, open } = cluster;
      await behind(cluster);
      putText(client.world, lastKey(client.world, PAYLOADS), "other");
      putText(client.world, "__cluster/recoveries/odd.json", "{");
      remove(client.world, `${ARTIFACTS}${open}.json`);
    },
    commands: ["recover discard odd", "refresh", "apply", "approvals revoke"],
  },
];

describe("the proposal of a check", () => {
  test.each(MENDED.map((each) => [each.name, each] as const))("mends %s", async (_, { plant, commands }) => {
    const cluster = fresh();
    const { client } = cluster;
    await plant(cluster);

    const output = await check(client);
    await mend(client, output, CONFIG);
    const after = await check(again(client));

    expect(commandsIn(output).map((each) => each.replace(/revoke .*/, "revoke"))).toEqual(commands);
    expect(flawsIn(after)).toEqual([]);
    expect(await rowsOf(client, "people")).toBe(1);
  });
});

/** A program of its own: what an earlier one knew is no longer in memory. */
function again({ world }: Client): Client {
  return openClient(world);
}
