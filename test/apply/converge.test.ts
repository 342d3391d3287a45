/** The main path in memory: import, plan, apply, and again. */
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
  newWorld,
  openClient,
  plan,
  refresh,
  rowsOf,
  status,
  storedObjects,
} from "./cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  NOTES,
  PERSON,
  PERSON_WITH_NOTE,
} from "./cluster-files.ts";
import { historyOf } from "./invariants.ts";

const BEFORE: ClusterFiles = {
  graphs: {
    people: { schema: PERSON, queries: { find_person: FIND_PERSON }, provider: "small" },
    shop: { schema: PERSON },
  },
  policies: { staff: { applies_to: ["people"] }, operators: { applies_to: ["cluster"] } },
  providers: { small: "one" },
};

const AFTER: ClusterFiles = {
  graphs: {
    people: {
      schema: PERSON_WITH_NOTE,
      queries: { all_people: ALL_PEOPLE, notes: NOTES },
      provider: "small",
    },
    shop: { schema: PERSON },
  },
  policies: { staff: { applies_to: ["people", "shop"] } },
  providers: { small: "two" },
};

describe("apply", () => {
  test("converges an empty cluster to its config and records every resource", async () => {
    const client = openClient(newWorld());
    await importCluster(client, BEFORE);

    const output = await apply(client, BEFORE);

    expect(output).toMatchObject({ ok: true, converged: true, state_written: true, outcome: "applied" });
    expect(output.applied_count).toBe(output.changes.length);
    const state = ledgerOf(client.world);
    expect(Object.keys(state.applied_revision.resources)).toEqual([
      "graph.people",
      "graph.shop",
      "policy.operators",
      "policy.staff",
      "provider.embedding.small",
      "query.people.find_person",
      "schema.people",
      "schema.shop",
    ]);
    expect(state.applied_revision.config_digest).toBe(output.desired_revision.config_digest);
    expect(new Set(Object.values(state.resource_statuses).map((each) => each.status))).toEqual(
      new Set(["applied"]),
    );
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(keysBelow(client.world, "__cluster/lock.json")).toEqual([]);
  });

  test("carries out schema, query, policy, binding and provider changes together and keeps the rows", async () => {
    const client = await appliedWorld(BEFORE);
    await loadPeople(client, "people", "ada", "bob");

    const output = await apply(client, AFTER);

    expect(changesOf(output)).toEqual([
      "update graph.people: derived",
      "delete policy.operators: applied",
      "update policy.staff: applied",
      "update provider.embedding.small: applied",
      "create query.people.all_people: applied",
      "delete query.people.find_person: applied",
      "create query.people.notes: applied",
      "update schema.people: applied",
    ]);
    expect(output).toMatchObject({ ok: true, converged: true, outcome: "applied" });
    expect(await rowsOf(client, "people")).toBe(2);
    expect(ledgerOf(client.world).applied_revision.resources["policy.staff"]?.applies_to).toEqual([
      "graph.people",
      "graph.shop",
    ]);
  });

  test("a second apply of the same config changes nothing and writes nothing (A7)", async () => {
    const client = await appliedWorld(BEFORE);
    const before = storedObjects(client.world);

    const output = await apply(client, BEFORE);

    expect(output).toMatchObject({ outcome: "noop", converged: true, state_written: false, changes: [] });
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("plan and status write nothing, whatever there is to do", async () => {
    const client = await appliedWorld(BEFORE);
    const before = new Map(client.world.objects.objects);

    const made = await plan(client, AFTER);
    await plan(client, BEFORE);
    await status(client);

    expect(made.output.changes.length).toBeGreaterThan(0);
    expect(new Map(client.world.objects.objects)).toEqual(before);
  });

  test("leaves a receipt of every revision: who, when, under which plan, what it changed (W27, U1)", async () => {
    const client = await appliedWorld(BEFORE);

    const output = await apply(client, AFTER, { actor: "ben" });

    const newest = historyOf(client.world).at(-1);
    expect(newest).toMatchObject({
      kind: "final",
      run_id: output.run_id,
      actor: "ben",
      trigger: "test",
      config_digest: output.desired_revision.config_digest,
      at: expect.stringMatching(/^2026-/),
    });
    const changed = newest?.changes.map((each) => each.address);
    expect(changed).toEqual(output.changes.map((each) => each.resource));
    const moved = newest?.changes.filter((each) => each.operation_id !== null);
    expect(moved?.map((each) => each.address)).toEqual(["graph.people", "schema.people"]);
  });

  test("a change of the config digest alone is written once and changes no resource", async () => {
    const client = await appliedWorld(BEFORE);
    const renamed = { ...BEFORE, name: "another" };

    const output = await apply(client, renamed);
    const again = await apply(client, renamed);

    expect(output).toMatchObject({ changes: [], converged: true, state_written: true });
    expect(again).toMatchObject({ changes: [], converged: true, state_written: false });
  });

  test("a config with an error stops before the lock and creates nothing", async () => {
    const client = openClient(newWorld());
    const broken = { graphs: { people: { schema: PERSON, queries: { notes: NOTES } } } };

    const output = await apply(client, broken);

    expect(output).toMatchObject({ ok: false, outcome: "refused", state_written: false });
    expect(codesOf(output, "error")).toEqual(["query_typecheck_error"]);
    expect(client.world.objects.objects.size).toBe(0);
  });

  test("without a ledger nothing is applied, and import is named", async () => {
    const client = openClient(newWorld());

    const output = await apply(client, BEFORE);

    expect(codesOf(output, "error")).toEqual(["state_missing"]);
    expect(output.diagnostics[0]?.message).toContain("import");
    expect(keysBelow(client.world, "graphs/")).toEqual([]);
  });

  test("who does not consent changes nothing", async () => {
    const client = await appliedWorld(BEFORE);
    const before = storedObjects(client.world);

    const output = await apply(client, AFTER, { consent: () => Promise.resolve(false) });

    expect(codesOf(output, "error")).toEqual(["apply_declined"]);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("creates run before schema changes, each on the version that was observed", async () => {
    const client = await appliedWorld({ graphs: { people: { schema: PERSON } } });
    const order: string[] = [];

    await apply(
      client,
      { graphs: { people: { schema: PERSON_WITH_NOTE }, zoo: { schema: PERSON } } },
      {
        progress: (step) => {
          if (step.tag === "effect_started") order.push(`${step.kind} ${step.graph}`);
        },
      },
    );

    expect(order).toEqual(["graph_create zoo", "schema_apply people"]);
    expect((await headOf(client, "people")).version).toBe(2);
  });

  test("a refresh that finds nothing new writes nothing (W37)", async () => {
    const client = await appliedWorld(BEFORE);
    await refresh(client, BEFORE);
    const before = storedObjects(client.world);

    const output = await refresh(client, BEFORE);

    expect(output.state_written).toBe(false);
    expect(storedObjects(client.world)).toEqual(before);
  });
});
