/** What servers may load, and when they must not start (spec/cluster 12.2, 2.7). */
import { describe, expect, test } from "vitest";
import { assert } from "../../lib/digest/assert.ts";
import type { ServingOutcome, ServingSnapshot } from "../../lib/observe/serving-snapshot.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import {
  FEEDING,
  KEEPERS,
  PROFILE,
  type Resources,
  ROOT,
  served,
  sidecarOf,
  zooObjects,
  zooResources,
} from "./served-cluster.ts";

const SIDECAR = "__cluster/recoveries/01OPEN.json";

function snapshotOf(outcome: ServingOutcome): ServingSnapshot {
  assert(outcome.tag === "servable", `it is servable: ${JSON.stringify(outcome.diagnostics)}`);
  return outcome.snapshot;
}

function codesOf(outcome: ServingOutcome): readonly string[] {
  return outcome.diagnostics.map((each) => `${each.severity} ${each.code} ${each.path}`);
}

/** The zoo with some entries changed or, with null, taken out. */
function changed(changes: Record<string, Resources[string] | null>): Map<string, string> {
  const entries = Object.entries({ ...zooResources(), ...changes }).filter(([, entry]) => entry !== null);
  return zooObjects(Object.fromEntries(entries) as Resources);
}

describe("a converged cluster", () => {
  test("is served whole: graphs with roots and profiles, verified texts, bindings", async () => {
    const outcome = await served(zooObjects());

    const snapshot = snapshotOf(outcome);
    expect(outcome.diagnostics).toEqual([]);
    expect(snapshot).toMatchObject({ state_revision: 3, quarantined: [] });
    expect(snapshot.graphs).toEqual([
      {
        graph: "birds",
        root: `${ROOT}/graphs/birds.omni`,
        embedding_profile: PROFILE,
        external_blob_policy: null,
      },
      {
        graph: "fish",
        root: `${ROOT}/graphs/fish.omni`,
        embedding_profile: null,
        external_blob_policy: null,
      },
    ]);
    expect(snapshot.queries.map(({ graph, name, source }) => [graph, name, source])).toEqual([
      ["birds", "feeding", FEEDING],
      ["fish", "feeding", FEEDING],
    ]);
    expect(snapshot.policies).toMatchObject([
      { name: "keepers", source: KEEPERS, applies_to: ["graph.birds", "graph.fish"] },
    ]);
  });
});

describe("an open intent", () => {
  test("quarantines its graph alone, with a warning, and the root is still derived (W13)", async () => {
    const outcome = await served(zooObjects().set(SIDECAR, sidecarOf("birds")));

    const snapshot = snapshotOf(outcome);
    expect(codesOf(outcome)).toEqual(["warning cluster_recovery_pending graph.birds"]);
    expect(snapshot.quarantined).toEqual(["birds"]);
    expect(snapshot.graphs.map((each) => [each.graph, each.root])).toEqual([
      ["fish", `${ROOT}/graphs/fish.omni`],
    ]);
    expect(snapshot.queries.map((each) => each.graph)).toEqual(["fish"]);
    expect(snapshot.policies[0]?.applies_to).toEqual(["graph.fish"]);
  });

  test("drops a policy that is left without bindings and does not read its payload", async () => {
    const objects = changed({
      "policy.keepers": { ...zooResources()["policy.keepers"]!, applies_to: ["graph.birds"] },
    });
    for (const key of [...objects.keys()].filter((key) => key.includes("/policy/"))) objects.delete(key);

    const snapshot = snapshotOf(await served(objects.set(SIDECAR, sidecarOf("birds"))));

    expect(snapshot.policies).toEqual([]);
  });

  test("hides a composite of its own graph that does not verify", async () => {
    const objects = changed({ "graph.fish": { digest: "stale" } });

    expect((await served(objects.set(SIDECAR, sidecarOf("fish")))).tag).toBe("servable");
  });

  test.each([
    ["cannot be parsed", '{ "graph_id": "birds" }', "invalid_recovery_sidecar"],
    [
      "is of a newer version",
      '{ "schema_version": 2, "graph_id": "birds" }',
      "unsupported_recovery_sidecar_version",
    ],
  ])("that %s but names its graph quarantines that graph only (W12)", async (_what, text, code) => {
    const outcome = await served(zooObjects().set(SIDECAR, text));

    expect(snapshotOf(outcome).quarantined).toEqual(["birds"]);
    expect(codesOf(outcome)).toEqual([
      `warning ${code} ${ROOT}/${SIDECAR}`,
      "warning cluster_recovery_pending graph.birds",
    ]);
  });

  test.each([
    ["no JSON", "{", "invalid_recovery_sidecar"],
    ["a newer version without a graph", '{ "schema_version": 2 }', "unsupported_recovery_sidecar_version"],
    ["a blank graph id", sidecarOf(" "), "cluster_recovery_unattributed"],
  ])("with %s refuses everything", async (_what, text, code) => {
    const outcome = await served(zooObjects().set(SIDECAR, text));

    expect(outcome.tag).toBe("refused");
    expect(codesOf(outcome)).toEqual([`error ${code} ${ROOT}/${SIDECAR}`]);
  });

  test("that cannot be listed refuses everything", async () => {
    const deaf = (store: ObjectStore): ObjectStore => ({
      ...store,
      list: async () => ({ tag: "unavailable", reason: "timeout" }),
    });

    const outcome = await served(zooObjects(), deaf);

    expect(codesOf(outcome)).toEqual(["error recovery_sidecar_read_error __cluster/recoveries"]);
  });

  test("on every graph leaves nothing to serve", async () => {
    const objects = zooObjects()
      .set(SIDECAR, sidecarOf("birds"))
      .set("__cluster/recoveries/02OPEN.json", sidecarOf("fish"));

    const outcome = await served(objects);

    expect(outcome.tag).toBe("refused");
    expect(codesOf(outcome)).toEqual([
      "error cluster_no_healthy_graphs __cluster/recoveries",
      "warning cluster_recovery_pending graph.birds",
      "warning cluster_recovery_pending graph.fish",
    ]);
  });
});

describe("a server does not start", () => {
  test("without a ledger", async () => {
    const outcome = await served(new Map());

    expect(codesOf(outcome)).toEqual(["error cluster_state_missing __cluster/state.json"]);
  });

  test("on a ledger that cannot be read", async () => {
    const outcome = await served(new Map([["__cluster/state.json", "{"]]));

    expect(codesOf(outcome)).toEqual(["error invalid_state_json __cluster/state.json"]);
  });

  test("on a cluster without graphs", async () => {
    const outcome = await served(zooObjects({}));

    expect(codesOf(outcome)).toEqual(["error cluster_empty __cluster/state.json"]);
  });

  test("with a payload that is gone", async () => {
    const objects = zooObjects();
    for (const key of [...objects.keys()].filter((key) => key.includes("/query/fish/"))) objects.delete(key);

    expect(codesOf(await served(objects))).toEqual(["error catalog_payload_missing query.fish.feeding"]);
  });

  test("with a payload that was tampered with, and says how to heal it", async () => {
    const objects = zooObjects();
    for (const key of [...objects.keys()].filter((key) => key.includes("/policy/"))) objects.set(key, "x");

    const outcome = await served(objects);

    expect(codesOf(outcome)).toEqual(["error catalog_payload_digest_mismatch policy.keepers"]);
    expect(outcome.diagnostics[0]?.message).toContain("cluster refresh");
  });

  test("with a payload that the store cannot give, which is not taken for absent", async () => {
    const blind = (store: ObjectStore): ObjectStore => ({
      ...store,
      get: async (key) =>
        key.includes("/query/fish/") ? { tag: "unavailable", reason: "timeout" } : store.get(key),
    });

    const outcome = await served(zooObjects(), blind);

    expect(codesOf(outcome)).toEqual(["error catalog_payload_read_error query.fish.feeding"]);
  });

  test("and lists everything that is wrong at once", async () => {
    const objects = changed({
      "policy.keepers": { digest: zooResources()["policy.keepers"]!.digest },
      "graph.fish": { digest: "stale" },
    });

    expect(codesOf(await served(objects))).toEqual([
      "error policy_bindings_missing policy.keepers",
      "error external_blob_policy_digest_mismatch graph.fish",
    ]);
  });
});
