/** What the ledger says of a graph is settled against what is there (design 7). */
import { describe, expect, test } from "vitest";
import { observedGraph } from "../../lib/apply/recorded-graph.ts";
import type { GraphId, IncarnationId, RunId } from "../../lib/digest/ids.ts";
import { EMPTY_LEDGER } from "../ledger/sample-ledger.ts";
import {
  appliedWorld,
  apply,
  keysBelow,
  loadPeople,
  migrateBehind,
  refresh,
  reportsOf,
  writeLedger,
} from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { CONFIG, OPERATION, putIntent } from "./open-intent.ts";

describe("a status that says applying", () => {
  test("without an open intent becomes applied where ledger and graph agree", async () => {
    const client = await appliedWorld(CONFIG);
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      resource_statuses: { ...state.resource_statuses, "graph.people": { status: "applying" } },
    }));

    const output = await apply(client, CONFIG);

    expect(output.resource_statuses["graph.people"]).toEqual({ status: "applied" });
    expect(output.converged).toBe(true);
  });

  test("without an open intent becomes drifted where they do not", async () => {
    const client = await appliedWorld(CONFIG);
    await migrateBehind(client, "people", PERSON_WITH_NOTE);
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      resource_statuses: { ...state.resource_statuses, "schema.people": { status: "applying" } },
    }));

    const { resource_statuses } = await refresh(client, CONFIG);

    expect(resource_statuses["schema.people"]).toMatchObject({ status: "drifted" });
  });

  test("of a graph that never came to be goes away", async () => {
    const client = await appliedWorld({});
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      resource_statuses: { "graph.ghost": { status: "applying" }, "schema.ghost": { status: "applying" } },
    }));

    const output = await apply(client, {});

    expect(output.resource_statuses).toEqual({});
  });
});

describe("what the ledger has recorded of a graph", () => {
  test("does not outlive its chain: a new one counts from the start and its crash is recorded", async () => {
    const client = await appliedWorld(CONFIG);
    await loadPeople(client, "people", "ada");
    await loadPeople(client, "people", "bob");
    await refresh(client, CONFIG);
    for (const key of keysBelow(client.world, "graphs/people.omni/"))
      client.world.objects.objects.delete(key);
    await refresh(client, CONFIG);
    putIntent(client, { kind: "graph_create", observed_manifest_version: 0, expected_manifest_version: 1 });
    const created = await client.ports.engine.create({
      graph: "people" as GraphId,
      expect: 0,
      operation_id: OPERATION,
      run_id: client.ports.ids.next() as RunId,
      actor: "bob",
      schema_source: PERSON,
      incarnation: client.ports.ids.next() as IncarnationId,
    });
    expect(created.tag).toBe("done");

    const output = await apply(client, CONFIG);

    expect(reportsOf(output)).toContain("cluster_recovery_rolled_forward graph.people");
    expect(output.converged).toBe(true);
  });

  test("is not what OmniGraph counted: an observation without an incarnation is none of ours", () => {
    const observed = (facts: object) =>
      observedGraph(
        { ...EMPTY_LEDGER, observations: { "graph.people": { graph_manifest_version: 57, ...facts } } },
        "graph.people",
      );

    expect(observed({})).toBeNull();
    expect(observed({ incarnation: OPERATION })).toEqual({ manifest_version: 57, incarnation: OPERATION });
  });
});
