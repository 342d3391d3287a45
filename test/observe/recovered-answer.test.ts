/** What a refresh says of itself when it has settled what an earlier run left open and then fails. */
import { expect, test } from "vitest";
import { appliedWorld, codesOf, ledgerOf, openClient, refresh, removeBehind } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { historyOf } from "../apply/invariants.ts";
import { CONFIG, intents, land, NEXT, putIntent } from "../apply/open-intent.ts";

test("a refresh whose own commit fails still says that it recorded what an earlier run had done (L5)", async () => {
  const client = await appliedWorld({ graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } });
  putIntent(client, {});
  await land(client);
  await removeBehind(client, "shop");
  const before = ledgerOf(client.world).state_revision;
  let receipts = 0;
  const second = interfering(({ verb, key }) => {
    if (verb === "putIfAbsent" && key.startsWith("__graphform/receipts/")) receipts += 1;
    return receipts > 1 ? "fail" : "act";
  });

  const output = await refresh(openClient(client.world, second), NEXT);

  expect(codesOf(output, "error")).toContain("state_write_error");
  expect(ledgerOf(client.world).state_revision).toBe(before + 1);
  expect(historyOf(client.world).at(-1)?.kind).toBe("recovery");
  expect(output.state_written).toBe(true);
  expect(intents(client)).toEqual([]);
});
