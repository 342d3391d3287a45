/** Refresh where no config is at hand: the ledger says what was wanted, and no drift is over because nobody can tell. */
import { expect, test } from "vitest";
import { NO_CONFIG } from "../../lib/desired/no-config.ts";
import type { StatusRecord } from "../../lib/ledger/state.ts";
import {
  appliedWorld,
  apply,
  type Client,
  importCluster,
  keysBelow,
  ledgerOf,
  migrateBehind,
  putText,
  refresh,
  textOf,
  writeLedger,
} from "../apply/cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";

const CONFIG = { graphs: { people: { schema: PERSON } } };
const WITH_NOTE = { graphs: { people: { schema: PERSON_WITH_NOTE } } };

async function seen(client: Client): Promise<StatusRecord["status"] | undefined> {
  await refresh(client, NO_CONFIG);
  return ledgerOf(client.world).resource_statuses["schema.people"]?.status;
}

async function driftedCluster(): Promise<Client> {
  const client = await appliedWorld(CONFIG);
  await migrateBehind(client, "people", PERSON_WITH_NOTE);
  expect(await seen(client)).toBe("drifted");
  return client;
}

test("a drift stays one, also when the graph could not be read in between", async () => {
  const client = await driftedCluster();
  expect(await seen(client)).toBe("drifted");
  const head = keysBelow(client.world, "graphs/people.omni/__manifest/")[0]!;
  const manifest = textOf(client.world, head);
  putText(client.world, head, "damaged");
  expect(await seen(client)).toBe("error");
  putText(client.world, head, manifest);
  expect(await seen(client)).toBe("drifted");
});

test("a drift is over once somebody has applied what is there", async () => {
  const client = await driftedCluster();
  expect(await apply(client, WITH_NOTE)).toMatchObject({ converged: true });
  expect(await seen(client)).toBe("applied");
});

test("a graph of which no schema was ever wanted is as it is", async () => {
  const client = await appliedWorld(CONFIG);
  client.world.objects.objects.delete("__cluster/state.json");
  await importCluster(client, NO_CONFIG);
  writeLedger(client.world, (state) => ({ ...state, observations: {} }));
  await migrateBehind(client, "people", PERSON_WITH_NOTE);
  expect(await seen(client)).toBe("applied");
});
