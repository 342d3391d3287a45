/** What the history says of a restore while it is under way. */
import { expect, test } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import { appliedWorld, desiredFrom, headOf, refresh, removeBehind } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { historyOf } from "../apply/invariants.ts";

test("the begin commit of a restore names the operation whose effect may follow (U1, A1)", async () => {
  const config = { graphs: { shop: { schema: PERSON } } };
  const client = await appliedWorld(config);
  await removeBehind(client, "shop");
  await refresh(client, config);

  const output = await restoreGraph(client.ports, {
    ...{ desired: desiredFrom(config), actor: "ana", trigger: "test" },
    ...{ graph: "shop" as GraphId, incarnation: null },
  });

  expect(output.outcome).toBe("done");
  const begun = historyOf(client.world).findLast((receipt) => receipt.kind === "begin");
  const { operation_id } = await headOf(client, "shop");
  expect(begun?.changes.map(({ address, operation_id: by }) => [address, by])).toEqual([
    ["graph.shop", operation_id],
    ["schema.shop", operation_id],
  ]);
});
