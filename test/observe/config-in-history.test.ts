/** The config that history names is the one that was applied last, whatever folder another command was given (U1). */
import { expect, test } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Receipt } from "../../lib/ledger/receipt.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import {
  appliedWorld,
  apply,
  type Client,
  desiredFrom,
  importCluster,
  loadPeople,
  newWorld,
  openClient,
  refresh,
  removeBehind,
} from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { historyOf } from "../apply/invariants.ts";
import { CONFIG, land, NEXT, putIntent } from "../apply/open-intent.ts";

const APPLIED = desiredFrom(CONFIG);
const WIDER = { graphs: { ...NEXT.graphs, shop: { schema: PERSON } } };
const AS_ANA = { desired: desiredFrom(NEXT), actor: "ana", trigger: "test" };

function newest({ world }: Client): Receipt | undefined {
  return historyOf(world).at(-1);
}

async function leaveIntent(client: Client): Promise<void> {
  putIntent(client, {});
  await land(client);
}

test.each([
  ["a refresh", (client: Client) => loadPeople(client, "people", "ada"), refresh, "refresh"],
  ["a recovery", leaveIntent, (client: Client) => recoverCluster(client.ports, AS_ANA), "recovery"],
  [
    "an apply that only settles what another has left",
    leaveIntent,
    (client: Client) => apply(client, WIDER, { consent: () => Promise.resolve(false) }),
    "recovery",
  ],
  [
    "a protection",
    () => Promise.resolve(),
    ({ ports }: Client) => protectGraph(ports, { ...AS_ANA, verb: "protect", graph: "people", reason: null }),
    "settings",
  ],
  [
    "a restore",
    async (client: Client) => {
      await removeBehind(client, "people");
      await refresh(client, CONFIG);
    },
    ({ ports }: Client) => restoreGraph(ports, { ...AS_ANA, graph: "people" as GraphId, incarnation: null }),
    "final",
  ],
] as const)("%s leaves it in its place", async (_, before, command, kind) => {
  const client = await appliedWorld(CONFIG);
  await before(client);
  await command(client, NEXT);
  const { bundle_digest, config_digest } = APPLIED;
  expect(newest(client)).toMatchObject({ kind, bundle_digest, config_digest });
});

test("an import names none, and the apply after it its own", async () => {
  const client = openClient(newWorld());
  await importCluster(client, NEXT);
  expect(newest(client)).toMatchObject({ kind: "import", bundle_digest: null, config_digest: null });
  await apply(client, CONFIG);
  const { bundle_digest, config_digest } = APPLIED;
  expect(newest(client)).toMatchObject({ kind: "final", bundle_digest, config_digest });
});
