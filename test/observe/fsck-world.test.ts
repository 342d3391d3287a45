/** A check of payloads, graphs, operations, lock and plans: each damage is named as exactly that fact (A3, A4). */
import { describe, expect } from "vitest";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { type Client, headOf, keysBelow, migrateBehind, putText, removeBehind } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { putIntent } from "../apply/open-intent.ts";
import { lastKey, remove } from "./checked-cluster.ts";
import { type Damage, namesEach } from "./damage.ts";

const OPERATION = "01BX5ZZKBKACTAV9WEVGEMMVRZ";
const QUERY = "query.people.find_person";
const PAYLOADS = "__cluster/resources/query/people/find_person/";
const CHAIN = "graphs/people.omni/__manifest/";

const RECORDS: readonly Damage[] = [
  {
    name: "a payload that is gone",
    plant: ({ client }) => remove(client.world, ...keysBelow(client.world, PAYLOADS)),
    fact: () => `contradicted payloads ${QUERY}`,
    says: /is not at __cluster\/resources/,
    repair: ["refresh", "apply"],
  },
  {
    name: "a payload that is corrupt",
    plant: ({ client }) => putText(client.world, lastKey(client.world, PAYLOADS), "other"),
    fact: () => `contradicted payloads ${QUERY}`,
    says: /is not what was applied/,
    repair: ["refresh", "apply"],
  },
  {
    name: "an operation that is not settled",
    plant: ({ client }) => putIntent(client, { operation_id: OPERATION, graph_id: "extra" }),
    fact: () => `unknown intents __cluster/recoveries/${OPERATION}.json`,
    says: /schema_apply of graph.extra, begun by bob/,
    repair: ["recover"],
  },
  {
    name: "an operation that cannot be read",
    plant: ({ client }) => putText(client.world, "__cluster/recoveries/odd.json", "{"),
    fact: () => "contradicted intents __cluster/recoveries/odd.json",
    says: /cannot be read/,
    repair: ["recover discard odd"],
  },
  {
    name: "a lock file of nobody",
    plant: ({ client }) => {
      const lock = {
        version: 1,
        lock_id: "theirs",
        operation: "apply",
        created_at: "2026-01-01T00:00:00Z",
        pid: 1,
      };
      putText(client.world, "__cluster/lock.json", JSON.stringify(lock, null, 2));
    },
    fact: () => "unknown lock __cluster/lock.json",
    says: /nobody holds the lease/,
    repair: ["force-unlock theirs"],
  },
  {
    name: "a lock file that is none",
    plant: ({ client }) => putText(client.world, "__cluster/lock.json", "{"),
    fact: () => "contradicted lock __cluster/lock.json",
    says: /not a valid lock/,
    repair: [],
  },
  {
    name: "a stored plan that is damaged",
    plant: ({ client }) => putText(client.world, plansOf(client).at(-1)!, "{}"),
    fact: ({ client }) => `contradicted plans ${plansOf(client).at(-1)}`,
    says: /cannot be used/,
    repair: [],
  },
];

const GRAPHS: readonly Damage[] = [
  {
    name: "a version in the middle of a chain that is gone",
    plant: ({ client }) => remove(client.world, lastKey(client.world, CHAIN)),
    fact: () => "contradicted graphs graph.people",
    says: /Version 1 of graph.people is missing, although its chain reaches version 3/,
    repair: [],
  },
  {
    name: "a chain that ends below what is recorded",
    plant: ({ client }) => remove(client.world, keysBelow(client.world, CHAIN)[0]),
    fact: () => "contradicted graphs graph.people",
    says: /records version 3 of graph.people, and its chain ends at 2/,
    repair: ["refresh"],
  },
  {
    name: "a newest version that is damaged",
    plant: ({ client }) => putText(client.world, keysBelow(client.world, CHAIN)[0]!, "{}"),
    fact: () => "contradicted graphs graph.people",
    says: /cannot be read/,
    repair: [],
  },
  {
    name: "a live schema that is another one",
    plant: ({ client }) => migrateBehind(client, "people", PERSON),
    fact: () => "contradicted graphs schema.people",
    says: /live schema of graph.people is not the recorded one/,
    repair: ["refresh"],
  },
  {
    name: "a graph that lives and is in no ledger",
    plant: ({ client }) => createBehind(client, "stray"),
    fact: () => "contradicted graphs graph.stray",
    says: /lives, and the ledger has no such graph/,
    repair: ["refresh"],
  },
  {
    name: "a graph of the ledger that was deleted",
    plant: ({ client }) => removeBehind(client, "extra"),
    fact: () => "contradicted graphs graph.extra",
    says: /is in the ledger, and it was deleted at version 2/,
    repair: ["refresh"],
  },
  {
    name: "a graph that lives another life",
    plant: async ({ client }) => {
      await removeBehind(client, "extra");
      await createBehind(client, "extra", (await headOf(client, "extra")).version);
    },
    fact: () => "contradicted graphs graph.extra",
    says: /another life of the graph than the recorded one/,
    repair: ["refresh"],
  },
  {
    name: "a deleted graph whose chain is gone",
    plant: ({ client }) => remove(client.world, ...keysBelow(client.world, "graphs/shop.omni/")),
    fact: () => "contradicted graphs graph.shop",
    says: /version 2 of graph.shop was its last, and its chain is gone/,
    repair: ["refresh"],
  },
  {
    name: "a deleted graph that lives again",
    plant: async ({ client }) => createBehind(client, "shop", (await headOf(client, "shop")).version),
    fact: () => "contradicted graphs graph.shop",
    says: /lives, and the ledger has no such graph/,
    repair: ["refresh"],
  },
];

function attribution({ ports }: Client) {
  const operation_id = ports.ids.next() as OperationId;
  return { operation_id, run_id: ports.ids.next() as RunId, actor: "somebody else" };
}

async function createBehind(client: Client, graph: string, head = 0): Promise<void> {
  const outcome = await client.ports.engine.create({
    graph: graph as GraphId,
    expect: head,
    ...attribution(client),
    incarnation: client.ports.ids.next() as IncarnationId,
    schema_source: PERSON,
  });
  expect(outcome.tag).toBe("done");
}

/** Stored plans, without the marks of their use. */
function plansOf({ world }: Client): readonly string[] {
  return keysBelow(world, "__graphform/plans/").filter((key) => !key.endsWith("-used.json"));
}

describe("a check of what lies around the ledger", () => namesEach(RECORDS));
describe("a check of the graphs", () => namesEach(GRAPHS));
