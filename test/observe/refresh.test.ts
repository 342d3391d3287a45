/** Refresh, import and status: what is really there goes into the ledger, and nothing else changes (spec/cluster 11). */
import { describe, expect, test } from "vitest";
import {
  appliedWorld,
  apply,
  changesOf,
  codesOf,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  newWorld,
  openClient,
  plan,
  putText,
  refresh,
  removeBehind,
  reportsOf,
  rowsOf,
  status,
  storedObjects,
  type World,
} from "../apply/cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { recorder } from "../apply/faults.ts";
import { historyOf } from "../apply/invariants.ts";

const CONFIG = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
  policies: { staff: { applies_to: ["people"] } },
};
const QUERY_KEY = "__cluster/resources/query/people/find_person/";

describe("refresh", () => {
  test("records a schema that was changed behind the ledger's back, and apply converges it", async () => {
    const client = await appliedWorld(CONFIG);
    await loadPeople(client, "people", "ada");
    await migrateBehind(client, "people", PERSON_WITH_NOTE);

    const refreshed = await refresh(client, CONFIG);
    const made = await plan(client, CONFIG);
    const applied = await apply(client, CONFIG);

    expect(codesOf(refreshed)).toContain("graph_drifted");
    expect(refreshed.resource_statuses["schema.people"]).toMatchObject({
      status: "drifted",
      conditions: ["schema_mismatch"],
    });
    expect(changesOf(made.output)).toEqual(["update graph.people: derived", "update schema.people: applied"]);
    expect(applied).toMatchObject({ ok: true, converged: true });
    expect(ledgerOf(client.world).resource_statuses["graph.people"]).toEqual({ status: "applied" });
    expect(await rowsOf(client, "people")).toBe(1);
  });

  test("lists and reads each chain once, and reads every payload", async () => {
    const { world } = await appliedWorld({
      graphs: { ...CONFIG.graphs, shop: { schema: PERSON } },
      policies: CONFIG.policies,
    });
    const by = recorder();
    expect(codesOf(await refresh(openClient(world, by), CONFIG))).toEqual([]);
    const asked = (verb: string, prefix: string) =>
      by.seen.filter((call) => call.verb === verb && call.key.startsWith(prefix)).length;
    for (const graph of ["people", "shop"]) {
      expect(asked("list", `graphs/${graph}.omni/__manifest/`), graph).toBe(1);
      expect(asked("get", `graphs/${graph}.omni/__manifest/`), graph).toBe(1);
    }
    const payloads = ["__cluster/resources/query/", "__cluster/resources/policy/"];
    const stored = payloads.flatMap((prefix) => keysBelow(world, prefix));
    expect(payloads.reduce((sum, prefix) => sum + asked("get", prefix), 0)).toBe(stored.length);
  });

  test("is asked for before anything is derived from a schema that drifted since", async () => {
    const client = await appliedWorld(CONFIG);
    await migrateBehind(client, "people", PERSON_WITH_NOTE);
    const wider = { graphs: { people: { schema: `${PERSON}node Pet {\n  name: String @key\n}\n` } } };
    const before = (await headOf(client, "people")).version;

    const output = await apply(client, wider);

    expect(changesOf(output)).toContain("update schema.people: blocked (graph_drifted)");
    expect((await headOf(client, "people")).version).toBe(before);
  });

  test("drops a graph that is proven gone, and apply makes an empty one while its queries stay", async () => {
    const client = await appliedWorld(CONFIG);
    await loadPeople(client, "people", "ada");
    await removeBehind(client, "people");

    const refreshed = await refresh(client, CONFIG);
    const applied = await apply(client, CONFIG);

    expect(refreshed.resource_digests).not.toHaveProperty(["graph.people"]);
    expect(refreshed.resource_digests).toHaveProperty(["query.people.find_person"]);
    expect(refreshed.resource_statuses["graph.people"]?.conditions).toEqual(["graph_missing"]);
    expect(changesOf(applied)).toEqual(["create graph.people: applied", "create schema.people: applied"]);
    expect(applied.converged).toBe(true);
    expect(await rowsOf(client, "people")).toBe(0);
  });

  test("records a live graph that nobody declared, warns, and its delete stays gated", async () => {
    const client = await appliedWorld({
      graphs: { people: { schema: PERSON }, stray: { schema: PERSON } },
    });
    const forgetful = openClient(client.world);
    putText(client.world, "__cluster/state.json", forgetStray(client.world));

    const refreshed = await refresh(forgetful, { graphs: { people: { schema: PERSON } } });
    const applied = await apply(forgetful, { graphs: { people: { schema: PERSON } } });

    expect(reportsOf(refreshed)).toContain("graph_undeclared graph.stray");
    expect(refreshed.resource_digests).toHaveProperty(["schema.stray"]);
    expect(changesOf(applied)).toEqual([
      "delete graph.stray: blocked (approval_required)",
      "delete schema.stray: blocked (approval_required)",
    ]);
    expect((await headOf(forgetful, "stray")).state).toBe("live");
  });

  test("keeps what it could not see and says how many graphs that are", async () => {
    const client = await appliedWorld(CONFIG);
    const before = ledgerOf(client.world).applied_revision;
    const newest = keysBelow(client.world, "graphs/people.omni/__manifest/")[0]!;
    putText(client.world, newest, "not a manifest");

    const output = await refresh(client, CONFIG);

    expect(codesOf(output, "error")).toEqual(["graph_observation_error"]);
    // Nobody needs to look again before somebody has mended it.
    expect(output.diagnostics.find(({ rule }) => rule === "graph_corrupt")?.fix).toContain("Restore");
    expect(output.state_written).toBe(true);
    expect(ledgerOf(client.world).applied_revision).toEqual(before);
    expect(output.resource_statuses["graph.people"]).toMatchObject({
      status: "error",
      conditions: ["graph_observation_error"],
    });
  });

  test("writes only on change: a load is recorded once (W37)", async () => {
    const client = await appliedWorld(CONFIG);
    await refresh(client, CONFIG);
    await loadPeople(client, "people", "ada");

    const first = await refresh(client, CONFIG);
    client.world.clock.advance(60_000);
    const settled = storedObjects(client.world);
    const second = await refresh(client, CONFIG);

    expect([first.state_written, second.state_written]).toEqual([true, false]);
    expect(storedObjects(client.world)).toEqual(settled);
    expect(historyOf(client.world).at(-1)?.graphs["people"]?.manifest_version).toBe(2);
  });

  test("recomputes the composite of a graph whose query it drops, also of one it cannot open (W3)", async () => {
    const client = await appliedWorld(CONFIG);
    for (const key of keysBelow(client.world, QUERY_KEY)) client.world.objects.objects.delete(key);
    putText(client.world, keysBelow(client.world, "graphs/people.omni/__manifest/")[0]!, "broken");

    await refresh(client, CONFIG);
    const again = await refresh(client, CONFIG);

    expect(codesOf(again)).not.toContain("external_blob_policy_digest_mismatch");
  });

  test("without a ledger it refuses and names import", async () => {
    const output = await refresh(openClient(newWorld()), CONFIG);

    expect(codesOf(output, "error")).toEqual(["state_missing"]);
    expect(output.state_written).toBe(false);
  });
});

function forgetStray(world: World): string {
  const state = ledgerOf(world);
  const kept = (map: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !key.endsWith(".stray")));
  return `${JSON.stringify(
    {
      ...state,
      state_revision: state.state_revision + 1,
      applied_revision: { ...state.applied_revision, resources: kept(state.applied_revision.resources) },
      resource_statuses: kept(state.resource_statuses),
    },
    null,
    2,
  )}\n`;
}

describe("a payload of the catalog", () => {
  test.each([
    ["gone", "catalog_payload_missing", null],
    ["corrupt", "catalog_payload_mismatch", "other text"],
  ])("that is %s heals through status, refresh and apply (W2)", async (_, code, text) => {
    const client = await appliedWorld(CONFIG);
    const [key] = keysBelow(client.world, QUERY_KEY);
    const whole = client.world.objects.objects.get(key!);
    if (text === null) client.world.objects.objects.delete(key!);
    else putText(client.world, key!, text);

    const seen = await status(client);
    const refreshed = await refresh(client, CONFIG);
    const applied = await apply(client, CONFIG);
    const healed = await status(client);

    expect(seen.ok).toBe(true);
    expect(reportsOf(seen)).toEqual([`${code} query.people.find_person`]);
    expect(refreshed.resource_digests).not.toHaveProperty(["query.people.find_person"]);
    expect(refreshed.resource_statuses["query.people.find_person"]?.status).toBe("drifted");
    expect(changesOf(applied)).toContain("create query.people.find_person: applied");
    expect(applied.converged).toBe(true);
    expect(client.world.objects.objects.get(key!)).toEqual(whole);
    expect(codesOf(healed)).toEqual([]);
  });

  test("that cannot be read keeps its digest and is an error", async () => {
    const client = await appliedWorld(CONFIG);
    const broken = openClient(client.world, {
      count: { calls: 0 },
      before: (call) => (call.key.startsWith(QUERY_KEY) ? "fail" : "act"),
    });

    const seen = await status(broken);
    const refreshed = await refresh(broken, CONFIG);

    expect(codesOf(seen, "error")).toEqual(["catalog_payload_read_error"]);
    expect(refreshed.resource_digests).toHaveProperty(["query.people.find_person"]);
    expect(refreshed.resource_statuses["query.people.find_person"]).toMatchObject({
      status: "error",
      conditions: ["payload_read_error"],
    });
  });

  test("whose digest is no digest counts as missing", async () => {
    const client = await appliedWorld(CONFIG);
    const state = ledgerOf(client.world);
    const resources = { ...state.applied_revision.resources, "policy.odd": { digest: "no-digest" } };
    const next = {
      ...state,
      state_revision: state.state_revision + 1,
      applied_revision: { ...state.applied_revision, resources },
    };
    putText(client.world, "__cluster/state.json", `${JSON.stringify(next, null, 2)}\n`);

    const output = await status(client);

    expect(reportsOf(output)).toContain("catalog_payload_missing policy.odd");
  });
});

describe("import", () => {
  test("records what lives and no config digest, because nothing has been applied (W26)", async () => {
    const client = await appliedWorld(CONFIG);
    const fresh = openClient(newWorld());
    for (const [key, bytes] of client.world.objects.objects) {
      if (key.startsWith("graphs/") || key.startsWith("__graphform/schemas/"))
        fresh.world.objects.objects.set(key, bytes);
    }

    const output = await importCluster(fresh, CONFIG);

    expect(codesOf(output, "error")).toEqual([]);
    const state = ledgerOf(fresh.world);
    expect(state.state_revision).toBe(1);
    expect(state.applied_revision.config_digest).toBeNull();
    expect(Object.keys(state.applied_revision.resources)).toEqual(["graph.people", "schema.people"]);
    expect(historyOf(fresh.world)[0]).toMatchObject({ kind: "import", graphs: { people: {} } });
  });

  test("over a ledger refuses and writes nothing", async () => {
    const client = await appliedWorld(CONFIG);
    const before = storedObjects(client.world);

    const output = await importCluster(client, CONFIG);

    expect(codesOf(output, "error")).toEqual(["state_already_exists"]);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("that meets a graph it cannot open writes no ledger", async () => {
    const client = await appliedWorld(CONFIG);
    client.world.objects.objects.delete("__cluster/state.json");
    for (const key of keysBelow(client.world, "__graphform/heads/")) client.world.objects.objects.delete(key);
    putText(client.world, keysBelow(client.world, "graphs/people.omni/__manifest/")[0]!, "broken");

    const output = await importCluster(client, CONFIG);

    expect(codesOf(output, "error")).toEqual(["graph_observation_error"]);
    expect(keysBelow(client.world, "__cluster/state.json")).toEqual([]);
  });

  test("makes a lost ledger again from its history, above the highest head", async () => {
    const client = await appliedWorld(CONFIG);
    const lost = ledgerOf(client.world);
    client.world.objects.objects.delete("__cluster/state.json");

    const refused = await apply(client, CONFIG);
    const output = await importCluster(client, CONFIG);
    const applied = await apply(client, CONFIG);

    expect(codesOf(refused, "error")).toEqual(["state_lost"]);
    expect(codesOf(output, "error")).toEqual([]);
    const state = ledgerOf(client.world);
    expect(historyOf(client.world).map((each) => each.revision)).toEqual(
      historyOf(client.world).map((_, index) => index + 1),
    );
    expect(applied.converged).toBe(true);
    expect(state.applied_revision.resources).toEqual(lost.applied_revision.resources);
  });

  test("leaves a ledger that was put back to an older copy by the way of its history", async () => {
    const client = await appliedWorld(CONFIG);
    const old = client.world.objects.objects.get("__cluster/state.json")!;
    const wider = {
      ...CONFIG,
      graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, notes: NOTES } } },
    };
    await apply(client, wider);
    const newest = ledgerOf(client.world);
    client.world.objects.objects.set("__cluster/state.json", old);

    const refused = await apply(client, wider);
    const output = await importCluster(client, wider);

    expect(codesOf(refused, "error")).toEqual(["state_rolled_back"]);
    expect(codesOf(output, "error")).toEqual([]);
    const state = ledgerOf(client.world);
    expect(state.state_revision).toBe(newest.state_revision + 1);
    expect(state.applied_revision.resources).toEqual(newest.applied_revision.resources);
  });
});

describe("status", () => {
  test("opens no graph, needs no lock and says that there is no ledger", async () => {
    const empty = await status(openClient(newWorld()));

    expect(empty.ok).toBe(true);
    expect(reportsOf(empty)).toEqual(["state_missing __cluster/state.json"]);
  });

  test("shows the ledger while the graphs cannot be read", async () => {
    const client = await appliedWorld(CONFIG);
    const blind = openClient(client.world, {
      count: { calls: 0 },
      before: (call) => (call.key.startsWith("graphs/") ? "fail" : "act"),
    });

    const output = await status(blind);

    expect(output.ok).toBe(true);
    expect(output.resource_digests).toHaveProperty(["graph.people"]);
    expect(output.state_observations).toMatchObject({ state_found: true, locked: false });
  });
});
