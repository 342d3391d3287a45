/** Protecting a graph: a revision that says who and why, and that nothing afterwards forgets. */
import { describe, expect, test } from "vitest";
import { PROTECTION_KEY } from "../../lib/ledger/protection.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  desiredFrom,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  newWorld,
  openClient,
  putText,
  refresh,
  reportsOf,
  status,
  storedObjects,
  textOf,
  writeLedger,
} from "../apply/cluster.ts";
import { FIND_PERSON, PERSON } from "../apply/cluster-files.ts";
import { historyOf } from "../apply/invariants.ts";

const CONFIG = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };

function protect(client: Client, graph: string, verb: "protect" | "unprotect" = "protect") {
  const desired = desiredFrom(CONFIG);
  return protectGraph(client.ports, { verb, graph, desired, actor: "ana", trigger: "test", reason: "dear" });
}

async function protectedWorld(): Promise<Client> {
  const client = await appliedWorld(CONFIG);
  const output = await protect(client, "graph.people");
  expect(reportsOf(output)).toEqual([]);
  return client;
}

describe("protect", () => {
  test("commits a revision that says which graph, who, when and why (U1)", async () => {
    const client = await appliedWorld(CONFIG);
    const before = ledgerOf(client.world);

    const output = await protect(client, "graph.people");

    const fact = { by: "ana", at: "2026-01-01T00:00:00Z", reason: "dear" };
    expect(output).toMatchObject({ ok: true, outcome: "done", result: { protected: { people: fact } } });
    const after = ledgerOf(client.world);
    expect(after.state_revision).toBe(before.state_revision + 1);
    expect(after.applied_revision).toEqual(before.applied_revision);
    expect(after.observations[PROTECTION_KEY]).toEqual({ kind: "protection", graphs: { people: fact } });
    expect(historyOf(client.world).at(-1)).toMatchObject({
      kind: "settings",
      actor: "ana",
      protected: ["people"],
      changes: [],
    });
    expect((await status(client)).protected).toEqual({ people: fact });
  });

  test("of what is protected writes nothing, and the first reason stays", async () => {
    const client = await protectedWorld();
    const before = storedObjects(client.world);

    const again = await protect(client, "people");

    expect(again).toMatchObject({ outcome: "noop", result: { protected: { people: { by: "ana" } } } });
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("is handed on by every later commit, and a converged apply still writes nothing (A7)", async () => {
    const client = await protectedWorld();
    await loadPeople(client, "people", "ada");

    const refreshed = await refresh(client, CONFIG);
    const wider = { ...CONFIG, policies: { staff: { applies_to: ["people"] } } };
    const applied = await apply(client, wider);
    const again = await apply(client, wider);

    expect([refreshed.state_written, applied.converged, again.state_written]).toEqual([true, true, false]);
    expect(historyOf(client.world).at(-1)?.protected).toEqual(["people"]);
    expect(await status(client)).toHaveProperty("protected.people.reason", "dear");
  });

  test.each(["graph.nobody", "../x", ""])("refuses %j, which is no graph of the ledger", async (graph) => {
    const client = await appliedWorld(CONFIG);
    const before = storedObjects(client.world);

    const output = await protect(client, graph);

    expect(output).toMatchObject({ ok: false, outcome: "refused", result: null });
    expect(codesOf(output)).toEqual(["protection_target_unknown"]);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("needs a ledger and the lease", async () => {
    expect(codesOf(await protect(openClient(newWorld()), "graph.people"))).toEqual(["state_missing"]);
    const client = await appliedWorld(CONFIG);
    const lock = {
      version: 1,
      lock_id: "theirs",
      operation: "apply",
      created_at: "2026-01-01T00:00:00Z",
      pid: 1,
    };
    putText(client.world, "__cluster/lock.json", JSON.stringify(lock, null, 2));
    expect(codesOf(await protect(client, "graph.people"))).toEqual(["state_lock_held"]);
  });
});

describe("unprotect", () => {
  test("ends the protection in a revision of its own, and twice is once", async () => {
    const client = await protectedWorld();

    const output = await protect(client, "graph.people", "unprotect");
    const again = await protect(client, "graph.people", "unprotect");

    expect(output).toMatchObject({ ok: true, outcome: "done", result: { protected: {} } });
    expect(again).toMatchObject({ ok: true, outcome: "noop" });
    expect(ledgerOf(client.world).observations).not.toHaveProperty([PROTECTION_KEY]);
    expect(historyOf(client.world).at(-1)).toMatchObject({ kind: "settings", protected: [] });
  });
});

describe("the protection of a graph", () => {
  test("survives a tool that drops its mirror, and refresh puts the mirror back", async () => {
    const client = await protectedWorld();
    writeLedger(client.world, ({ observations, ...state }) => {
      const { [PROTECTION_KEY]: _, ...others } = observations;
      return { ...state, state_revision: state.state_revision + 1, observations: others };
    });

    const seen = await status(client);
    const refreshed = await refresh(client, CONFIG);

    const unknown = { by: null, at: null, reason: null };
    expect(seen.protected).toEqual({ people: unknown });
    expect(refreshed.state_written).toBe(true);
    expect(ledgerOf(client.world).observations[PROTECTION_KEY]).toEqual({
      kind: "protection",
      graphs: { people: unknown },
    });
    expect(historyOf(client.world).at(-1)?.protected).toEqual(["people"]);
  });

  test("survives the loss of every receipt, by its mirror", async () => {
    const client = await protectedWorld();
    for (const key of [...client.world.objects.objects.keys()]) {
      if (key.startsWith("__graphform/")) client.world.objects.objects.delete(key);
    }
    await loadPeople(client, "people", "ada");

    const refreshed = await refresh(client, CONFIG);

    expect(codesOf(refreshed, "error")).toEqual([]);
    expect((await status(client)).protected).toMatchObject({ people: { by: "ana", reason: "dear" } });
    const receipts = keysBelow(client.world, "__graphform/receipts/");
    expect(textOf(client.world, receipts.at(-1)!)).toContain('"protected": [\n    "people"\n  ]');
  });

  test("survives the loss of the ledger and its import, by the receipt", async () => {
    const client = await protectedWorld();
    client.world.objects.objects.delete("__cluster/state.json");

    const lost = await status(client);
    const imported = await importCluster(client, CONFIG);

    expect(Object.keys(lost.protected)).toEqual(["people"]);
    expect(codesOf(imported, "error")).toEqual([]);
    expect(Object.keys((await status(client)).protected)).toEqual(["people"]);
  });
});
