/** Intent files that cannot be judged, and those of OmniGraph (design 7, J7; W12, W13). */
import { describe, expect, test } from "vitest";
import {
  appliedWorld,
  apply,
  changesOf,
  codesOf,
  importCluster,
  keysBelow,
  newWorld,
  openClient,
  putText,
  reportsOf,
} from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { CONFIG, intents, land, NEXT, OPERATION, putIntent, RECOVERIES } from "./open-intent.ts";

describe("an intent file that cannot be judged", () => {
  test.each([
    ["that is damaged but names its graph", '{"graph_id": "people", "kind": 7}', "invalid_recovery_sidecar"],
    [
      "of a newer version",
      '{"schema_version": 2, "graph_id": "people"}',
      "unsupported_recovery_sidecar_version",
    ],
  ])("%s blocks that graph and no other (J7, W12)", async (_, text, code) => {
    const client = await appliedWorld({ graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } });
    putText(client.world, `${RECOVERIES}${OPERATION}.json`, text);

    const output = await apply(client, {
      graphs: { ...NEXT.graphs, shop: { schema: PERSON_WITH_NOTE } },
    });

    expect(codesOf(output, "warning")).toContain(code);
    expect(changesOf(output)).toContain("update schema.people: blocked (cluster_recovery_pending)");
    expect(changesOf(output)).toContain("update schema.shop: applied");
    expect(intents(client)).toHaveLength(1);
  });

  test("that names no graph is reported and blocks nothing", async () => {
    const client = await appliedWorld(CONFIG);
    putText(client.world, `${RECOVERIES}${OPERATION}.json`, "not JSON");

    const output = await apply(client, NEXT);

    expect(codesOf(output, "warning")).toContain("invalid_recovery_sidecar");
    expect(output.converged).toBe(true);
    expect(intents(client)).toHaveLength(1);
  });
});

describe("an intent of OmniGraph", () => {
  test("for one of its own graphs is kept and reported, and the graph is left alone", async () => {
    const client = openClient(newWorld());
    await importCluster(client, {});
    putText(client.world, "graphs/people.omni/_data/1.bin", "theirs");
    putIntent(client, {
      kind: "graph_create",
      observed_manifest_version: null,
      expected_manifest_version: 1,
    });

    const output = await apply(client, { graphs: { ...CONFIG.graphs, shop: { schema: PERSON } } });

    expect(changesOf(output)).toContain("create graph.people: blocked (cluster_recovery_pending)");
    expect(changesOf(output)).toContain("create graph.shop: applied");
    expect(intents(client)).toHaveLength(1);
    expect(keysBelow(client.world, "graphs/people.omni/")).toEqual(["graphs/people.omni/_data/1.bin"]);
  });

  test("names a place that nobody looks at: the root is derived from the graph id (W13)", async () => {
    const client = await appliedWorld(CONFIG);
    putIntent(client, { graph_uri: "/elsewhere/graphs/people.omni" });
    await land(client);

    const output = await apply(client, NEXT);

    expect(output.converged).toBe(true);
    expect(reportsOf(output)).toContain("cluster_recovery_rolled_forward graph.people");
  });
});
