/** Decisions about the control plane: the worked example E4 of spec/policy 5.6. */
import { expect, test } from "vitest";
import { compileBundle } from "../../lib/policy/compile.ts";
import type { ControlRequest } from "../../lib/policy/control.ts";
import { createControlEngine } from "../../lib/policy/control.ts";
import type { ControlFacts } from "../../lib/policy/control-facts.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { verifyBundle } from "../../lib/policy/verify.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { CI, E4 } from "./worked-examples.ts";

const BUNDLE = parsedBundle(E4);
const engine = createControlEngine(BUNDLE, "company-brain");

const QUERY: ControlFacts = {
  kinds: ["query"],
  operations: ["update"],
  graphs: ["knowledge"],
  max_tier: "catalog",
  authors: ["act-alice"],
};
const POLICY: ControlFacts = { ...QUERY, kinds: ["policy"], graphs: ["@cluster"] };
const DELETE: ControlFacts = {
  ...QUERY,
  kinds: ["graph"],
  operations: ["delete"],
  max_tier: "irreversible",
};
const BY_MFA: ControlFacts = { auth_source: "jwt", amr: ["pwd", "mfa"] };

type Row = readonly [string, string, ControlRequest["action"], ControlFacts, "allow" | "deny", string | null];

test.each<Row>([
  ["a query change", CI, "cluster_apply", QUERY, "allow", "ci-converges-safe"],
  [
    "a plan that also touches policy",
    CI,
    "cluster_apply",
    { ...QUERY, kinds: ["query", "policy"], graphs: ["knowledge", "@cluster"] },
    "deny",
    "duty/policy-needs-two",
  ],
  [
    "a plan that also touches policy, approved by two",
    CI,
    "cluster_apply",
    { ...QUERY, kinds: ["query", "policy"], graphs: ["knowledge", "@cluster"], approval_count: 2 },
    "deny",
    null,
  ],
  [
    "an irreversible change, approved",
    CI,
    "cluster_apply",
    { ...DELETE, approvers: ["act-carol"], approval_count: 1 },
    "deny",
    null,
  ],
  [
    "the frozen graph",
    CI,
    "cluster_apply",
    { ...QUERY, graphs: ["billing"] },
    "deny",
    "freeze-billing-graph",
  ],
  ["nothing that is known", CI, "cluster_apply", {}, "deny", "duty/approver-does-not-apply-irreversible"],
  [
    "a change of her own",
    "act-alice",
    "cluster_approve",
    { ...DELETE, ...BY_MFA },
    "deny",
    "duty/builtin-approver-not-author",
  ],
  ["Alice's change", "act-carol", "cluster_approve", { ...DELETE, ...BY_MFA }, "allow", "release-approves"],
  [
    "Alice's change without MFA",
    "act-carol",
    "cluster_approve",
    { ...DELETE, auth_source: "jwt", amr: ["pwd"] },
    "deny",
    null,
  ],
  [
    "Alice's change over IAM",
    "act-carol",
    "cluster_approve",
    { ...DELETE, auth_source: "iam", amr: ["mfa"] },
    "deny",
    null,
  ],
  [
    "a change that she co-wrote",
    "act-carol",
    "cluster_approve",
    { ...DELETE, ...BY_MFA, authors: ["act-alice", "act-carol"] },
    "deny",
    "duty/builtin-approver-not-author",
  ],
  [
    "a change of nobody knows whom",
    "act-carol",
    "cluster_approve",
    { ...DELETE, ...BY_MFA, authors: [] },
    "deny",
    "duty/builtin-approver-not-author",
  ],
  [
    "a policy change",
    "act-dan",
    "cluster_apply",
    { ...POLICY, approval_count: 1 },
    "deny",
    "duty/policy-needs-two",
  ],
  [
    "a policy change with two approvals",
    "act-dan",
    "cluster_apply",
    { ...POLICY, approval_count: 2 },
    "allow",
    "platform-applies-anything",
  ],
  [
    "the irreversible change that she approved",
    "act-carol",
    "cluster_apply",
    { ...DELETE, approvers: ["act-carol"], approval_count: 1 },
    "deny",
    "duty/approver-does-not-apply-irreversible",
  ],
  [
    "the irreversible change that Carol approved",
    "act-dan",
    "cluster_apply",
    { ...DELETE, approvers: ["act-carol"], approval_count: 1 },
    "allow",
    "platform-applies-anything",
  ],
  ["a lock of 60 s", "act-dan", "cluster_force_unlock", { lock_age_seconds: 60 }, "deny", null],
  [
    "a lock of 1200 s",
    "act-dan",
    "cluster_force_unlock",
    { lock_age_seconds: 1200 },
    "allow",
    "platform-break-glass",
  ],
  ["a lock of an unknown age", "act-dan", "cluster_force_unlock", {}, "deny", null],
  ["a plan", "act-bruno", "cluster_plan", {}, "allow", "engineers-propose"],
  ["a plan", "act-eve", "cluster_plan", {}, "deny", null],
  ["the status", "act-eve", "cluster_read_status", {}, "allow", "everyone-observes"],
  ["anything", "nobody", "cluster_read_status", {}, "deny", null],
])("E4: %s, by %s, for %s with %j: %s by %s", (_, actor, action, facts, tag, rule) => {
  expect(engine.decide({ actor, action, facts })).toMatchObject({ tag, matched_rule: rule });
});

test("E4 compiles to 23 policies, and Cedar's strict validation has nothing against them", () => {
  const { policies } = compileBundle(BUNDLE, { kind: "server", cluster: "company-brain" });

  expect(Object.keys(policies)).toHaveLength(23);
  expect(verifyBundle(BUNDLE, { kind: "server", cluster: "company-brain" })).toEqual([]);
});

test("the bundle of the control plane still decides who lists the graphs", () => {
  const server = createPolicyEngine(BUNDLE, { kind: "server" });

  expect(server.decide({ actor: "act-eve", action: "graph_list" })).toMatchObject({ tag: "allow" });
  expect(server.decide({ actor: CI, action: "graph_list" })).toMatchObject({ tag: "deny" });
});

test("only the deployment can let an author approve, and unknown authors are then no obstacle either", () => {
  const small = createControlEngine(BUNDLE, "company-brain", { selfApproval: true });
  const own = { actor: "act-alice", action: "cluster_approve", facts: { ...DELETE, ...BY_MFA } } as const;

  expect(small.decide(own)).toMatchObject({ tag: "allow", matched_rule: "release-approves" });
  expect(engine.decide(own)).toMatchObject({ tag: "deny" });
});

test("a rule for some graphs allows no change to what belongs to no graph (the sentinel of spec/policy 5.5)", () => {
  const limited = createControlEngine(
    parsedBundle(`version: 1
groups: { ci: [bot] }
rules:
  - { id: r, allow: { actors: { group: ci }, actions: [cluster_apply], change_scope: { graphs: [knowledge] } } }
`),
    "c",
  );
  const decide = (graphs: string[]) =>
    limited.decide({ actor: "bot", action: "cluster_apply", facts: { ...QUERY, graphs } }).tag;

  expect(decide(["knowledge"])).toBe("allow");
  expect(decide(["knowledge", "@cluster"])).toBe("deny");
  expect(decide(["@unknown"])).toBe("deny");
});

test("a graph that cannot be named counts as each one that a rule denies", () => {
  const all = { ...QUERY, graphs: ["@unknown"] };

  expect(engine.decide({ actor: CI, action: "cluster_apply", facts: all })).toMatchObject({
    tag: "deny",
    matched_rule: "freeze-billing-graph",
  });
});

test("a group claim of a verified token makes a member, and a name that looks like one does not", () => {
  const claims = createControlEngine(
    parsedBundle(`version: 1
groups: { staff: ["jwt-group:okta/Platform Team"] }
rules:
  - { id: r, allow: { actors: { group: staff }, actions: [cluster_plan] } }
`),
    "c",
  );
  const claim = "jwt-group:okta/Platform Team";
  const decide = (actor: string, claim_groups: string[]) =>
    claims.decide({ actor, claim_groups, action: "cluster_plan", facts: {} });

  expect(decide("ann", [claim])).toMatchObject({ tag: "allow" });
  expect(decide("ann", ["jwt-group:other/Platform Team"]).message).toContain("unknown actor");
  expect(decide(claim, [])).toMatchObject({ tag: "deny", message: expect.stringContaining("unknown actor") });
  expect(decide("ann", ["ann"]).message).toContain("unknown actor");
});

test("numbers that Cedar does not know are rounded down, and nonsense is nothing", () => {
  const unlock = (lock_age_seconds: number) =>
    engine.decide({ actor: "act-dan", action: "cluster_force_unlock", facts: { lock_age_seconds } }).tag;

  expect([900.7, 899.9, Number.NaN, -1, Number.POSITIVE_INFINITY].map(unlock)).toEqual([
    "allow",
    "deny",
    "deny",
    "deny",
    "allow",
  ]);
});
