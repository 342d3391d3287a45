/** Cedar's word on the bundles that a run puts into force (spec/policy 1.3 row 18). */
import { describe, expect, it } from "vitest";
import { verifyPolicies } from "../../lib/apply/planning/verify-policies.ts";
import { bundleOfFiles } from "../../lib/config/bundle.ts";
import type { Address } from "../../lib/desired/address.ts";
import { type Desired, type DesiredPolicy, loadDesired } from "../../lib/desired/desired.ts";
import type { Change, Disposition } from "../../lib/plan/change.ts";
import { apply, codesOf, importCluster, keysBelow, ledgerOf, newWorld, openClient } from "./cluster.ts";

const POLICY = "policy.members" as Address;
const FILES = {
  "cluster.yaml":
    "version: 1\ngraphs:\n  people:\n    schema: p.pg\npolicies:\n  members:\n    file: m.policy.yaml\n    applies_to: [people]\n",
  "p.pg": "node Person { name: String @key }\n",
  "m.policy.yaml":
    "version: 1\ngroups: { staff: [ana] }\nrules:\n  - id: staff-read\n    allow: { actors: { group: staff }, actions: [read] }\n",
};

function desired(): Desired {
  const bytes = Object.entries(FILES).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  return loadDesired(bundleOfFiles(".", new Map(bytes)));
}

/** The same model with the policy bound to a scope whose name Cedar has something against. */
function boundTo(model: Desired, applies_to: readonly string[]): Desired {
  const policy = model.resources.get(POLICY) as DesiredPolicy;
  return { ...model, resources: new Map([...model.resources, [POLICY, { ...policy, applies_to }]]) };
}

function change(disposition: Disposition): readonly Change[] {
  return [{ resource: POLICY, operation: "create", after_digest: "a", disposition }];
}

describe("a policy that a run puts into force", () => {
  it("passes if Cedar has nothing against what it compiles to", () => {
    const model = desired();

    expect(model.diagnostics.filter((each) => each.severity === "error")).toEqual([]);
    expect(verifyPolicies(change("applied"), model)).toEqual([]);
  });

  it("is refused at its address if Cedar has something against one of its scopes", () => {
    const model = boundTo(desired(), ["graph.people", "graph.people\u202e"]);

    const problems = verifyPolicies(change("applied"), model);

    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatchObject({ code: "policy_cedar_invalid", path: POLICY, severity: "error" });
  });

  it("is not looked at if this run leaves it alone", () => {
    const model = boundTo(desired(), ["graph.people\u202e"]);

    expect(verifyPolicies(change("blocked"), model)).toEqual([]);
  });

  it("stops the apply before anything changes if Cedar refuses it", async () => {
    const client = openClient(newWorld());
    await importCluster(client, desired());
    const before = ledgerOf(client.world);

    const output = await apply(client, boundTo(desired(), ["graph.people\u202e"]));

    expect(output).toMatchObject({ ok: false, outcome: "refused", state_written: false });
    expect(codesOf(output, "error")).toContain("policy_cedar_invalid");
    expect(ledgerOf(client.world)).toEqual(before);
    expect(keysBelow(client.world, "graphs/")).toEqual([]);
  });
});
