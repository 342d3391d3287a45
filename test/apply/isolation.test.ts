/** What one graph, provider or policy has to do with another: what fails or waits holds up its own dependents only. */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import { verifyComposites } from "../../lib/ledger/verify-composites.ts";
import {
  appliedWorld,
  apply,
  changesOf,
  codesOf,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  newWorld,
  openClient,
  plan,
  putText,
  refresh,
  reportsOf,
  writeLedger,
} from "./cluster.ts";
import {
  ALL_PEOPLE,
  FIND_PERSON,
  NOTES,
  PERSON,
  PERSON_UNSUPPORTED,
  PERSON_WITH_NOTE,
} from "./cluster-files.ts";
import { interfering } from "./faults.ts";

const TWO = {
  graphs: {
    people: { schema: PERSON, queries: { find_person: FIND_PERSON } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
  },
  policies: { staff: { applies_to: ["people", "shop"] } },
};

describe("a graph that fails", () => {
  test("blocks its own dependents and nothing else (W16, A6)", async () => {
    const client = openClient(
      newWorld(),
      interfering((call) =>
        call.verb === "putIfAbsent" && call.key.startsWith("graphs/people.omni/") ? "fail" : "act",
      ),
    );
    await importCluster(client, TWO);

    const output = await apply(client, TWO);
    const again = await apply(openClient(client.world), TWO);

    expect(changesOf(output)).toEqual([
      "create graph.people: blocked (graph_create_failed)",
      "create graph.shop: applied",
      "create policy.staff: blocked (dependency_not_applied)",
      "create query.people.find_person: blocked (dependency_not_applied)",
      "create query.shop.all_people: applied",
      "create schema.people: blocked (dependency_not_applied)",
      "create schema.shop: applied",
    ]);
    expect(codesOf(output, "error")).toEqual(["graph_create_failed"]);
    expect(output).toMatchObject({ ok: false, converged: false, outcome: "partial", state_written: true });
    expect(again).toMatchObject({ ok: true, converged: true });
  });

  test("to migrate keeps its schema and its old queries, and a policy of it goes through (W30)", async () => {
    const client = await appliedWorld(TWO);
    const broken = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__graphform/schemas/") && call.writes ? "fail" : "act")),
    );
    const next = {
      graphs: {
        people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
        shop: TWO.graphs.shop,
      },
      policies: { staff: { applies_to: ["people", "shop"], readers: ["ana", "ben"] } },
    };

    const output = await apply(broken, next);

    expect(changesOf(output)).toEqual([
      "update graph.people: derived",
      "update policy.staff: applied",
      "delete query.people.find_person: blocked (dependency_not_applied)",
      "create query.people.notes: blocked (dependency_not_applied)",
      "update schema.people: blocked (schema_apply_failed)",
    ]);
    expect(codesOf(output, "error")).toEqual(["schema_apply_failed"]);
    const state = ledgerOf(client.world);
    expect(state.applied_revision.resources["schema.people"]?.digest).toBe(sha256(PERSON));
    expect(state.resource_statuses["schema.people"]).toMatchObject({
      status: "blocked",
      conditions: ["schema_apply_failed"],
    });
    expect(verifyComposites(state)).toEqual([]);
  });
});

describe("a migration that the planner refuses", () => {
  const next = {
    graphs: {
      people: { schema: PERSON_UNSUPPORTED, queries: { find_person: FIND_PERSON } },
      shop: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    },
    policies: TWO.policies,
  };

  test("is blocked in the plan and an error of apply, and other graphs proceed (W17)", async () => {
    const client = await appliedWorld(TWO);

    const made = await plan(client, next);
    const output = await apply(client, next);

    expect(changesOf(made.output)).toContain("update schema.people: blocked (migration_unsupported)");
    expect(made.output.changes.find((each) => each.resource === "schema.people")?.migration?.supported).toBe(
      false,
    );
    expect(reportsOf(made.output)).toContain("schema_preview_unavailable schema.people");
    expect(codesOf(output, "error")).toEqual(["schema_apply_failed"]);
    expect(changesOf(output)).toContain("update schema.shop: applied");
    expect((await headOf(client, "people")).version).toBe(1);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("withdrawn again leaves no trace in the statuses (W24)", async () => {
    const client = await appliedWorld(TWO);
    await apply(client, next);

    const output = await apply(client, TWO);

    expect(output.converged).toBe(true);
    const statuses = Object.values(ledgerOf(client.world).resource_statuses);
    expect(statuses.every((each) => each.status === "applied")).toBe(true);
  });
});

describe("an embedding provider", () => {
  const bound = {
    graphs: { people: { schema: PERSON, provider: "small" }, shop: { schema: PERSON } },
    providers: { small: "one" },
  };

  test("stays while a graph of the ledger that waits for its approval uses it (W1)", async () => {
    const client = await appliedWorld(bound);
    const gone = { graphs: { shop: { schema: PERSON } } };

    const output = await apply(client, gone);
    const again = await apply(client, gone);

    expect(changesOf(output)).toEqual([
      "delete graph.people: blocked (approval_required)",
      "delete provider.embedding.small: blocked (provider_in_use)",
      "delete schema.people: blocked (approval_required)",
    ]);
    expect(output).toMatchObject({ ok: true, converged: false });
    expect(verifyComposites(ledgerOf(client.world))).toEqual([]);
    expect(codesOf(again, "error")).toEqual([]);
    expect(again.state_written).toBe(false);
  });

  test("can be edited while a graph that is not declared any more uses it (W1)", async () => {
    const client = await appliedWorld(bound);
    const edited = {
      graphs: { shop: { schema: PERSON, provider: "small" } },
      providers: { small: "two" },
    };

    await apply(client, edited);
    const again = await apply(client, edited);
    const refreshed = await refresh(client, edited);

    expect([...codesOf(again, "error"), ...codesOf(refreshed, "error")]).toEqual([]);
    expect(verifyComposites(ledgerOf(client.world))).toEqual([]);
  });

  test("is not deleted under a graph whose schema change holds its binding back (W31)", async () => {
    const client = await appliedWorld(bound);
    const refused = { graphs: { people: { schema: PERSON_UNSUPPORTED }, shop: { schema: PERSON } } };

    const output = await apply(client, refused);

    expect(changesOf(output)).toContain("delete provider.embedding.small: blocked (provider_in_use)");
    const { resources } = ledgerOf(client.world).applied_revision;
    expect(resources["graph.people"]?.embedding_provider).toBe("provider.embedding.small");
    expect(resources).toHaveProperty(["provider.embedding.small"]);
  });

  test("is not deleted when the schema change of its graph fails in the run (W31)", async () => {
    const client = await appliedWorld(bound);
    const broken = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__graphform/schemas/") && call.writes ? "fail" : "act")),
    );
    const unbound = { graphs: { people: { schema: PERSON_WITH_NOTE }, shop: { schema: PERSON } } };

    const output = await apply(broken, unbound);
    const healed = await apply(openClient(client.world), unbound);

    expect(changesOf(output)).toContain("delete provider.embedding.small: blocked (provider_in_use)");
    expect(healed.converged).toBe(true);
    expect(ledgerOf(client.world).applied_revision.resources).not.toHaveProperty([
      "provider.embedding.small",
    ]);
  });
});

describe("a blob policy", () => {
  test("is kept with the provider binding while the schema change of its graph is blocked (W31)", async () => {
    const client = await appliedWorld({ graphs: { people: { schema: PERSON, blobs: "s3://assets/a/" } } });

    await apply(client, { graphs: { people: { schema: PERSON_UNSUPPORTED } } });

    const kept = ledgerOf(client.world).applied_revision.resources["graph.people"];
    expect(kept?.external_blob_policy?.bases).toEqual([{ uri: "s3://assets/a/", scope: "server_safe" }]);
    const output = await apply(client, { graphs: { people: { schema: PERSON } } });
    expect(output.converged).toBe(true);
    expect(ledgerOf(client.world).applied_revision.resources["graph.people"]).not.toHaveProperty(
      "external_blob_policy",
    );
  });
});

describe("the delete of a graph", () => {
  test("waits for an approval with its schema and queries, and everything else goes through (C1)", async () => {
    const client = await appliedWorld(TWO);
    const next = {
      graphs: { shop: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } },
      policies: { staff: { applies_to: ["shop"] } },
    };

    const made = await plan(client, next);
    const output = await apply(client, next);

    expect(made.output.approvals_required).toEqual([
      {
        resource: "graph.people",
        reason: "delete may remove deployed graph or schema definition",
        satisfied: false,
      },
    ]);
    expect(changesOf(output)).toEqual([
      "delete graph.people: blocked (approval_required)",
      "update graph.shop: derived",
      "update policy.staff: applied",
      "delete query.people.find_person: blocked (approval_required)",
      "delete query.shop.all_people: applied",
      "create query.shop.notes: applied",
      "delete schema.people: blocked (approval_required)",
      "update schema.shop: applied",
    ]);
    expect(output).toMatchObject({ ok: true, converged: false, outcome: "partial" });
    expect(reportsOf(output)).toContain("apply_dependency_blocked graph.people");
    expect((await headOf(client, "people")).state).toBe("live");
  });
});

describe("an entry of the ledger", () => {
  test("for a schema without its graph is cleaned up without an approval (W15)", async () => {
    const client = await appliedWorld({ graphs: { people: { schema: PERSON } } });
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      applied_revision: {
        ...state.applied_revision,
        resources: { ...state.applied_revision.resources, "schema.ghost": { digest: sha256("ghost") } },
      },
    }));

    const output = await apply(client, { graphs: { people: { schema: PERSON } } });

    expect(changesOf(output)).toEqual(["delete schema.ghost: applied"]);
    expect(output.converged).toBe(true);
    expect(ledgerOf(client.world).applied_revision.resources).not.toHaveProperty(["schema.ghost"]);
  });

  test("for a graph without its schema names a refresh, which adopts the live one (W14)", async () => {
    const client = await appliedWorld(TWO);
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      applied_revision: { ...state.applied_revision, resources: withoutPeopleSchema(state) },
    }));

    const output = await apply(client, TWO);
    const refreshed = await refresh(client, TWO);
    const healed = await apply(client, TWO);

    expect(changesOf(output)).toContain("create schema.people: blocked (schema_unrecorded)");
    expect(output.resource_statuses["schema.people"]?.message).toContain("not");
    expect(codesOf(refreshed, "error")).toEqual([]);
    expect(healed.converged).toBe(true);
  });
});

function withoutPeopleSchema(state: ReturnType<typeof ledgerOf>): object {
  const { "schema.people": _, ...resources } = state.applied_revision.resources;
  const graph = resources["graph.people"]!;
  const query = resources["query.people.find_person"]!;
  const digest = sha256(`graph\0people\0schema\0\0query\0find_person\0${query.digest}\0`);
  return { ...resources, "graph.people": { ...graph, digest } };
}

describe("a graph that lives already", () => {
  test("is not created over, its dependents wait, and a refresh adopts it", async () => {
    const donor = await appliedWorld(TWO);
    const world = newWorld();
    const client = openClient(world);
    await importCluster(client, {});
    for (const [key, bytes] of donor.world.objects.objects) {
      if (key.startsWith("graphs/") || key.startsWith("__graphform/schemas/"))
        world.objects.objects.set(key, bytes);
    }

    const output = await apply(client, TWO);
    await refresh(client, TWO);
    const adopted = await apply(client, TWO);

    expect(changesOf(output)).toContain("create graph.people: blocked (graph_exists)");
    expect(changesOf(output)).toContain("create query.people.find_person: blocked (dependency_not_applied)");
    expect(adopted.converged).toBe(true);
    expect((await headOf(client, "people")).version).toBe(1);
  });

  test("in another tool's format is never touched", async () => {
    const client = openClient(newWorld());
    await importCluster(client, {});
    putText(client.world, "graphs/people.omni/_data/1.bin", "theirs");
    const before = keysBelow(client.world, "graphs/");

    const output = await apply(client, TWO);

    expect(changesOf(output)).toContain("create graph.people: blocked (graph_unreadable)");
    expect(changesOf(output)).toContain("create graph.shop: applied");
    expect(keysBelow(client.world, "graphs/people.omni/")).toEqual(before);
  });
});

describe("a target", () => {
  test("applies one graph with its schema, queries and provider, and leaves the rest for later", async () => {
    const client = openClient(newWorld());
    const config = {
      ...TWO,
      graphs: { ...TWO.graphs, shop: { ...TWO.graphs.shop, provider: "small" } },
      providers: { small: "one", big: "two" },
    };
    await importCluster(client, config);

    const output = await apply(client, config, { targets: new Set(["shop"]) as never });
    const rest = await apply(client, config);

    expect(changesOf(output)).toEqual([
      "create graph.people: deferred (not_targeted)",
      "create graph.shop: applied",
      "create policy.staff: deferred (not_targeted)",
      "create provider.embedding.big: deferred (not_targeted)",
      "create provider.embedding.small: applied",
      "create query.people.find_person: deferred (not_targeted)",
      "create query.shop.all_people: applied",
      "create schema.people: deferred (not_targeted)",
      "create schema.shop: applied",
    ]);
    expect(output).toMatchObject({ ok: true, converged: false });
    expect(codesOf(output)).toContain("apply_unsupported_change");
    expect(rest.converged).toBe(true);
  });
});
