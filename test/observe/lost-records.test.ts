/**
 * Everything below `__graphform` is lost: the ledger, the graphs and what is applied go on, protection included; history
 * and approvals that were open are gone, and it is said so (design 3, 4.6).
 */
import { describe, expect, test } from "vitest";
import { PROTECTION_KEY } from "../../lib/ledger/protection.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  desiredFrom,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  openClient,
  plan,
  refresh,
  rowsOf,
  status,
} from "../apply/cluster.ts";
import { FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { approved } from "../operate/approvals.ts";

const PEOPLE = { schema: PERSON, queries: { find_person: FIND_PERSON } };
const ALL = { graphs: { people: PEOPLE, shop: { schema: PERSON }, old: { schema: PERSON } } };
const WITHOUT_OLD = { graphs: { people: PEOPLE, shop: { schema: PERSON } } };
const WITHOUT_SHOP = { graphs: { people: PEOPLE } };
const MIGRATED = { graphs: { people: { ...PEOPLE, schema: PERSON_WITH_NOTE }, shop: { schema: PERSON } } };

function wipe({ world }: Client, prefix = "__graphform/"): Client {
  for (const key of keysBelow(world, prefix)) world.objects.objects.delete(key);
  // A program that starts afterwards has nothing in its memory.
  return openClient(world);
}

/** One approval was used, another is open, and one graph is protected. */
async function livedInWorld(): Promise<Client> {
  const client = await appliedWorld(ALL);
  await loadPeople(client, "people", "ada");
  await approved(client, WITHOUT_OLD, { resource: "graph.old" });
  expect((await apply(client, WITHOUT_OLD)).converged).toBe(true);
  await approved(client, WITHOUT_SHOP);
  const desired = desiredFrom(WITHOUT_OLD);
  const command = { verb: "protect", graph: "people", desired, actor: "ana", trigger: "test" } as const;
  expect((await protectGraph(client.ports, { ...command, reason: "dear" })).ok).toBe(true);
  return client;
}

describe("a cluster that lost everything below __graphform", () => {
  test("is refreshed and applied as before, and the first command says what is gone", async () => {
    const before = await livedInWorld();
    const applied = ledgerOf(before.world).applied_revision;
    const client = wipe(before);

    const refreshed = await refresh(client, WITHOUT_OLD);
    const again = await refresh(client, WITHOUT_OLD);
    const migrated = await apply(client, MIGRATED);

    expect(codesOf(refreshed, "error")).toEqual([]);
    expect(codesOf(refreshed)).toContain("deployment_lost");
    const lost = refreshed.diagnostics.find((each) => each.code === "deployment_lost");
    expect(lost?.message).toMatch(
      /receipt of revision 6 is gone too.* history, .* approvals .*, stored plans, .* rules/,
    );
    expect(codesOf(again)).not.toContain("deployment_lost");
    expect(ledgerOf(client.world).approval_records).toEqual(ledgerOf(before.world).approval_records);
    expect(migrated).toMatchObject({ ok: true, converged: true });
    expect(applied.resources["schema.people"]).toBeDefined();
    expect(await rowsOf(client, "people")).toBe(1);
    expect(codesOf(await status(client))).toEqual([]);
  });

  test("applies without a refresh first, also a create", async () => {
    const client = wipe(await livedInWorld());

    const output = await apply(client, ALL);

    expect(output).toMatchObject({ ok: true, converged: true });
    expect((await headOf(client, "old")).state).toBe("live");
  });

  test("deletes nothing by an approval from before, and deletes with a new one (C1, C2)", async () => {
    const client = wipe(await livedInWorld());

    const made = await plan(client, WITHOUT_SHOP);
    const refused = await apply(client, WITHOUT_SHOP);
    const state = (await headOf(client, "shop")).state;
    await approved(client, WITHOUT_SHOP);
    const deleted = await apply(client, WITHOUT_SHOP);

    expect(made.output.approvals_required).toMatchObject([{ resource: "graph.shop", satisfied: false }]);
    expect(changesOf(refused)).toContain("delete graph.shop: blocked (approval_required)");
    expect(state).toBe("live");
    expect(codesOf(deleted, "error")).toEqual([]);
    expect(deleted.converged).toBe(true);
    expect((await headOf(client, "shop")).state).toBe("deleted");
  });

  test("still protects what was protected", async () => {
    const client = wipe(await livedInWorld());

    const output = await apply(client, { graphs: { shop: { schema: PERSON } } });

    expect(changesOf(output)).toContain("delete graph.people: blocked (graph_protected)");
    expect(ledgerOf(client.world).observations).toHaveProperty([PROTECTION_KEY]);
  });

  test("and its ledger starts again from what lives, because nothing else is known", async () => {
    const before = await livedInWorld();
    before.world.objects.objects.delete("__cluster/state.json");
    const client = wipe(before);

    const output = await importCluster(client, WITHOUT_OLD);

    expect(codesOf(output, "error")).toEqual([]);
    expect(Object.keys(ledgerOf(client.world).applied_revision.resources)).toEqual([
      "graph.people",
      "graph.shop",
      "schema.people",
      "schema.shop",
    ]);
    expect((await apply(client, WITHOUT_OLD)).converged).toBe(true);
  });
});

describe("a cluster that lost only the record of its owner", () => {
  test("says so once and goes on, with its history and its approvals", async () => {
    const client = wipe(await livedInWorld(), "__graphform/deployment.json");

    const output = await apply(client, WITHOUT_SHOP);
    const again = await refresh(client, WITHOUT_SHOP);

    const lost = output.diagnostics.find((each) => each.code === "deployment_lost");
    expect(lost?.message).toMatch(/has the lease memory test\.$/);
    expect(output.converged).toBe(true);
    expect((await headOf(client, "shop")).state).toBe("deleted");
    expect(codesOf(again)).not.toContain("deployment_lost");
  });

  test("is not reported lost where there never was one", async () => {
    expect(codesOf(await importCluster(openClient((await appliedWorld(ALL)).world), ALL))).not.toContain(
      "deployment_lost",
    );
  });
});
