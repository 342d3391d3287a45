/** The rules of serving that need no store: providers, bindings, composites (spec/cluster 12.2, 2.7, W33). */
import { describe, expect, test } from "vitest";
import type { GraphId } from "../../lib/digest/ids.ts";
import { decideServing } from "../../lib/observe/serving-decision.ts";
import { MAKER, type Resources, ROOT, stateOf, zooResources } from "./served-cluster.ts";

function decide(changes: Record<string, Resources[string] | null>, quarantined: readonly string[] = []) {
  const entries = Object.entries({ ...zooResources(), ...changes }).filter(([, entry]) => entry !== null);
  const state = stateOf(Object.fromEntries(entries) as Resources);
  const decision = decideServing({ state, quarantined: new Set(quarantined as GraphId[]), root: ROOT });
  return { ...decision, codes: decision.problems.map((each) => `${each.code} ${each.path}`) };
}

const birds = () => zooResources()["graph.birds"]!;
const maker = () => zooResources()[MAKER]!;
const COMPOSITE = "external_blob_policy_digest_mismatch graph.birds";

describe("a provider that a served graph is bound to", () => {
  test("must have its profile in the ledger", () => {
    expect(decide({ [MAKER]: { digest: maker().digest } }).codes).toEqual([
      `embedding_provider_profile_missing ${MAKER}`,
      "embedding_provider_missing graph.birds",
    ]);
  });

  test("must have the profile that was applied", () => {
    expect(decide({ [MAKER]: { ...maker(), embedding_profile: { kind: "mock" } } }).codes).toEqual([
      `embedding_provider_digest_mismatch ${MAKER}`,
      "embedding_provider_missing graph.birds",
    ]);
  });

  test("must be in the ledger", () => {
    expect(decide({ [MAKER]: null }).codes).toEqual(["embedding_provider_missing graph.birds", COMPOSITE]);
  });

  test("must be a provider", () => {
    expect(decide({ "graph.birds": { ...birds(), embedding_provider: "policy.keepers" } }).codes).toContain(
      "wrong_kind_reference graph.birds",
    );
  });

  test("is reported once for all graphs that share it", () => {
    const shared = { "graph.fish": { ...zooResources()["graph.fish"]!, embedding_provider: MAKER } };

    const { codes } = decide({ ...shared, [MAKER]: { digest: maker().digest } });

    expect(codes.filter((code) => code.startsWith("embedding_provider_profile_missing"))).toHaveLength(1);
  });

  test("matters to nobody if only quarantined graphs use it", () => {
    expect(decide({ [MAKER]: { digest: maker().digest } }, ["birds"]).codes).toEqual([]);
  });
});

describe("a graph", () => {
  test("is served with its blob policy, whose composite must verify", () => {
    const policy = { mode: "allow", bases: [{ uri: "s3://pictures/", scope: "server_safe" }] } as const;

    const { graphs, codes } = decide({ "graph.birds": { ...birds(), external_blob_policy: policy } });

    expect(graphs[0]).toMatchObject({ graph: "birds", external_blob_policy: policy });
    expect(codes).toEqual([COMPOSITE]);
  });

  test("that is missing is not explained by an empty cluster when something else is wrong (W33)", () => {
    const none = { "graph.birds": null, "graph.fish": null };

    expect(decide(none).codes).toEqual(["cluster_empty __cluster/state.json"]);
    expect(decide({ ...none, "policy.keepers": { digest: "d" } }).codes).toEqual([
      "policy_bindings_missing policy.keepers",
    ]);
  });
});

describe("a policy", () => {
  test("of the cluster is served whatever is quarantined", () => {
    const keepers = { ...zooResources()["policy.keepers"]!, applies_to: ["cluster"] };

    const { payloads } = decide({ "policy.keepers": keepers }, ["birds"]);

    expect(payloads).toContainEqual(expect.objectContaining({ name: "keepers", applies_to: ["cluster"] }));
  });

  test("without bindings is refused, because nobody would notice that it protects nothing", () => {
    expect(decide({ "policy.keepers": { digest: "d" } }).codes).toEqual([
      "policy_bindings_missing policy.keepers",
    ]);
  });
});
