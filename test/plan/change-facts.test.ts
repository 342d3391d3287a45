/** What the changes of a plan are to policies of the control plane (spec/policy 5.2, 5.5, 5.7). */
import { describe, expect, test } from "vitest";
import { type Address, parseAddress } from "../../lib/desired/address.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import type { Change } from "../../lib/plan/change.ts";
import { approvalFacts, changeFacts, runFacts } from "../../lib/plan/change-facts.ts";
import { diffResources } from "../../lib/plan/diff.ts";
import type { MigrationStep } from "../../lib/schema/migration.ts";
import { EXAMPLE_B, sampleBundle } from "../desired/sample-bundle.ts";
import { change, ledgerRecording } from "./changes.ts";

const planned = (text: string, more: Partial<Change> = {}): Change => ({
  ...change(text),
  disposition: "applied",
  ...more,
});
const NODE = { type_kind: "node", type_name: "Person" } as const;
const migration = (...steps: MigrationStep[]) => ({ migration: { supported: true, steps, impact: [] } });
const drop = (mode: "soft" | "hard"): MigrationStep => ({
  kind: "drop_property",
  ...NODE,
  property_name: "age",
  mode,
});
const LOSS = {
  gains: [],
  losses: [{ action: "read", scopes: ["graph.kb"], branches: { kind: "any" }, actors: ["ada"] }],
} as const;

describe("the tier of a change", () => {
  test.each<[string, Change, string]>([
    ["creating anything", planned("create graph.kb"), "catalog"],
    ["creating a query", planned("create query.kb.find"), "catalog"],
    ["deleting a graph", planned("delete graph.kb"), "irreversible"],
    ["deleting a schema", planned("delete schema.kb"), "irreversible"],
    ["deleting a query", planned("delete query.kb.find"), "compatibility_narrowing"],
    [
      "updating a query, whose parameters may change",
      planned("update query.kb.find"),
      "compatibility_narrowing",
    ],
    [
      "a query whose file changed elsewhere",
      planned("update query.kb.find", { only_file_changed: true }),
      "display_only",
    ],
    [
      "a policy that takes nothing away",
      planned("update policy.p", { access: { gains: [], losses: [] } }),
      "catalog",
    ],
    [
      "a policy that takes something away",
      planned("update policy.p", { access: LOSS }),
      "compatibility_narrowing",
    ],
    ["a policy that cannot be compared", planned("update policy.p"), "irreversible"],
    ["another model", planned("update provider.embedding.default"), "compatibility_narrowing"],
    ["a graph that is bound anew", planned("update graph.kb", { rebound: true }), "compatibility_narrowing"],
    ["a schema without a migration", planned("update schema.kb"), "irreversible"],
    [
      "a schema that the planner refuses",
      planned("update schema.kb", { migration: { supported: false, steps: [], impact: [] } }),
      "irreversible",
    ],
    ["a purge", planned("update schema.kb", { ...migration(), purge: true }), "irreversible"],
    ["a soft drop", planned("update schema.kb", migration(drop("soft"))), "recoverable_rewrite"],
    [
      "a hard drop among others",
      planned("update schema.kb", migration(drop("soft"), drop("hard"))),
      "irreversible",
    ],
    [
      "drops that an approval makes destroy",
      planned("update schema.kb", { ...migration(drop("soft")), data_loss: true }),
      "irreversible",
    ],
    [
      "a renamed property",
      planned("update schema.kb", migration({ kind: "rename_property", ...NODE, from: "age", to: "years" })),
      "compatibility_narrowing",
    ],
    [
      "a relaxed property",
      planned("update schema.kb", migration({ kind: "relax_property", ...NODE, property_name: "age" })),
      "catalog",
    ],
    [
      "another description",
      planned(
        "update schema.kb",
        migration({ kind: "update_type_metadata", type_kind: "node", name: "Person", annotations: [] }),
      ),
      "display_only",
    ],
  ])("%s", (_, each, tier) => {
    expect(changeFacts([each]).max_tier).toBe(tier);
  });
});

test("a plan is as severe as its severest change, and names every kind, operation and graph", () => {
  const facts = changeFacts([
    planned("create query.kb.find"),
    planned("delete graph.hr"),
    planned("update policy.p", { access: LOSS, bound_to: ["graph.crm", "graph.kb"] }),
  ]);

  expect(facts).toEqual({
    kinds: ["query", "graph", "policy"],
    operations: ["create", "delete", "update"],
    graphs: ["crm", "hr", "kb"],
    max_tier: "irreversible",
  });
});

test("what belongs to no graph is of the cluster (the sentinel of spec/policy 5.5)", () => {
  const graphs = (each: Change) => changeFacts([each]).graphs;

  expect(graphs(planned("update provider.embedding.default"))).toEqual(["@cluster"]);
  expect(graphs(planned("update policy.p", { bound_to: ["cluster"] }))).toEqual(["@cluster"]);
  expect(graphs(planned("update policy.p", { bound_to: ["cluster", "graph.kb"] }))).toEqual([
    "@cluster",
    "kb",
  ]);
});

test("a policy of which nobody knows what it was bound to may be about every graph", () => {
  expect(changeFacts([planned("update policy.p")]).graphs).toEqual(["@cluster", "@unknown"]);
});

test("a graph that only follows from its parts is no change of its own", () => {
  const facts = changeFacts([
    planned("update query.kb.find"),
    planned("update graph.kb", { disposition: "derived" }),
  ]);

  expect(facts).toMatchObject({ kinds: ["query"], graphs: ["kb"], max_tier: "compatibility_narrowing" });
});

test("an address that does not parse is of the severest tier and of every graph", () => {
  const odd: Change = { resource: "view.kb.x" as Address, operation: "update", disposition: "applied" };

  expect(changeFacts([odd])).toMatchObject({ graphs: ["@unknown"], max_tier: "irreversible" });
});

test("only what runs counts for a run, and what is approved counts as its approval makes it", () => {
  const blocked = planned("delete graph.hr", { disposition: "blocked", reason: "approval_required" });
  const schema = planned("update schema.kb", migration(drop("soft")));

  expect(runFacts([blocked, planned("create query.kb.find")])).toMatchObject({
    kinds: ["query"],
    max_tier: "catalog",
  });
  expect(runFacts([blocked])).toEqual({ kinds: [], operations: [], graphs: [], max_tier: "display_only" });
  expect(approvalFacts(blocked)).toMatchObject({ kinds: ["graph"], max_tier: "irreversible" });
  expect(approvalFacts(schema)).toMatchObject({ kinds: ["schema"], max_tier: "irreversible" });
});

test("the diff says when a graph is bound anew, and what a policy was and will be bound to", () => {
  const load = (edit: (yaml: string) => string) =>
    loadDesired(sampleBundle({ ...EXAMPLE_B, "cluster.yaml": edit(EXAMPLE_B["cluster.yaml"]) }));
  const state = ledgerRecording(load((yaml) => yaml));
  const diffed = (edit: (yaml: string) => string, address: string) =>
    diffResources(load(edit), state).find((each) => each.resource === parseAddress(address)?.address);

  const otherPolicy = diffed(
    (yaml) => yaml.replace("Assets-Bucket/knowledge", "other/knowledge"),
    "graph.knowledge",
  );
  expect(otherPolicy).toMatchObject({ operation: "update", rebound: true });
  const noProvider = diffed(
    (yaml) => yaml.replace("    embedding_provider: default\n", ""),
    "graph.knowledge",
  );
  expect(noProvider).toMatchObject({ operation: "update", rebound: true });
  const otherModel = diffed((yaml) => yaml.replace("cluster-mock", "other-mock"), "graph.knowledge");
  expect(otherModel).toMatchObject({ operation: "update" });
  expect(otherModel).not.toHaveProperty("rebound");

  const unbound = diffed((yaml) => yaml.slice(0, yaml.indexOf("policies:")), "policy.base");
  expect(unbound).toMatchObject({ operation: "delete", bound_to: ["graph.knowledge"] });
  const elsewhere = diffed((yaml) => yaml.replace("[knowledge]", "[cluster]"), "policy.base");
  expect(elsewhere).toMatchObject({ binding_change: true, bound_to: ["cluster", "graph.knowledge"] });
});
