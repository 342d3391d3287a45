/** What is destructive stays blocked on a protected graph, approved or not, until somebody ends its protection (C1). */
import { describe, expect, test } from "vitest";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import {
  appliedWorld,
  apply,
  type Client,
  type Config,
  changesOf,
  codesOf,
  desiredFrom,
  headOf,
  loadPeople,
  plan,
  planned,
} from "../apply/cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { AFTER, approve, approved, BEFORE } from "./approvals.ts";

const NOTED = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
const BARE = { graphs: { people: { schema: PERSON } } };
const SCHEMA = "schema.people";

async function protect(
  client: Client,
  config: Config,
  graph: string,
  verb: "protect" | "unprotect" = "protect",
) {
  const desired = desiredFrom(config);
  const command = { verb, graph, desired, actor: "ana", trigger: "test", reason: null };
  expect(await protectGraph(client.ports, command)).toMatchObject({ ok: true, outcome: "done" });
}

describe("a protected graph", () => {
  test("is not deleted although its delete was approved, until it is unprotected (C1)", async () => {
    const client = await appliedWorld(BEFORE);
    await approved(client);
    await protect(client, BEFORE, "shop");

    const made = await plan(client, AFTER);
    const refused = await apply(client, AFTER);
    const still = (await headOf(client, "shop")).state;
    await protect(client, BEFORE, "shop", "unprotect");
    const deleted = await apply(client, AFTER);

    const blocked = [
      "delete graph.shop: blocked (graph_protected)",
      "delete schema.shop: blocked (graph_protected)",
    ];
    expect(changesOf(made.output)).toEqual(blocked);
    expect(changesOf(refused)).toEqual(blocked);
    expect(refused.diagnostics.find((each) => each.path === "graph.shop")?.fix).toContain(
      "graphform unprotect",
    );
    expect([still, (await headOf(client, "shop")).state]).toEqual(["live", "deleted"]);
    expect(deleted.converged).toBe(true);
  });

  test("lets other graphs be deleted", async () => {
    const client = await appliedWorld(BEFORE);
    await protect(client, BEFORE, "people");
    await approved(client);

    expect((await apply(client, AFTER)).converged).toBe(true);
    expect((await headOf(client, "shop")).state).toBe("deleted");
  });

  test("loses no data to an approved destructive schema change (C1)", async () => {
    const client = await appliedWorld(NOTED);
    await loadPeople(client, "people", { name: "ada", note: "secret" });
    const made = await planned(client, BARE, true);
    const given = await approve(client, made, { resource: SCHEMA, data_loss: true });
    expect(codesOf(given.output)).toEqual([]);
    const before = (await headOf(client, "people")).version;
    await protect(client, NOTED, "people");

    const output = await apply(client, BARE);

    expect(changesOf(output)).toContain("update schema.people: blocked (graph_protected)");
    expect((await headOf(client, "people")).version).toBe(before);
  });

  test("still takes a schema change that only hides, and its hidden data is not purged", async () => {
    const client = await appliedWorld(NOTED);
    await loadPeople(client, "people", { name: "ada", note: "secret" });
    await protect(client, NOTED, "people");

    const hidden = await apply(client, BARE);
    const purge = { desired: desiredFrom(BARE), actor: "ana", targets: null, purge: "people" as GraphId };
    const made = await planCluster(client.ports, purge);

    expect(hidden.converged).toBe(true);
    expect(changesOf(made.output)).toEqual(["update schema.people: blocked (graph_protected)"]);
  });
});
