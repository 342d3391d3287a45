/** Decisions about stored queries: the worked examples E1 to E3 of spec/policy 5.6. */
import { expect, test } from "vitest";
import type { PolicyAction } from "../../lib/policy/action.ts";
import { compileBundle } from "../../lib/policy/compile.ts";
import type { PolicyRequest } from "../../lib/policy/decide.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { verifyBundle } from "../../lib/policy/verify.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E1, E2, E3 } from "./worked-examples.ts";

const SCOPE = { kind: "graph", graph: "knowledge" } as const;
const READ = (name: string) => ({ name, mutation: false });
const WRITE = (name: string) => ({ name, mutation: true });

type Row = readonly [string, PolicyAction, Partial<PolicyRequest>, "allow" | "deny", string | null];

test.each<Row>([
  ["act-bruno", "change", { branch: "main" }, "deny", null],
  ["act-bruno", "change", { branch: "feature/x" }, "allow", "team-write-feature"],
  ["act-bruno", "change", {}, "deny", null],
  ["act-alice", "branch_merge", { branch: "feature/x", target_branch: "main" }, "allow", "admins-promote"],
  ["act-bruno", "branch_merge", { branch: "feature/x", target_branch: "main" }, "deny", null],
  ["act-bruno", "invoke_query", {}, "allow", "team-tools"],
  ["act-bruno", "invoke_query", { query: READ("find_user") }, "allow", "team-tools"],
  ["act-bruno", "invoke_query", { query: WRITE("close") }, "allow", "team-tools"],
  ["act-bruno", "list_query", { query: READ("find_user") }, "deny", null],
  ["nobody", "invoke_query", { query: READ("find_user") }, "deny", null],
])("E1: %s asks for %s with %j: %s by %s", (actor, action, facts, tag, rule) => {
  const engine = createPolicyEngine(parsedBundle(E1), SCOPE);

  expect(engine.decide({ actor, action, ...facts })).toMatchObject({ tag, matched_rule: rule });
});

test.each<Row>([
  ["agent-support", "list_query", { query: READ("find_user") }, "allow", "agents-toolbox"],
  ["agent-support", "invoke_query", { query: READ("crm_open") }, "allow", "agents-toolbox"],
  ["agent-support", "invoke_query", { query: READ("crm_debug_x") }, "deny", null],
  ["agent-support", "invoke_query", { query: WRITE("crm_close") }, "deny", null],
  ["agent-support", "invoke_query", { query: READ("find_experts") }, "deny", null],
  ["agent-support", "invoke_query", {}, "deny", null],
  ["agent-support", "read", { branch: "main" }, "deny", null],
  ["agent-support", "read", { branch: "main", via_stored_query: true }, "allow", "agents-read-through-tools"],
  ["svc-billing", "invoke_query", { query: WRITE("reconcile_invoices") }, "allow", "billing-hidden"],
  ["svc-billing", "list_query", { query: WRITE("reconcile_invoices") }, "deny", null],
  ["act-carol", "list_query", { query: READ("anything") }, "allow", "curators-see-all"],
  ["act-carol", "list_query", { query: WRITE("crm_debug_x") }, "allow", "curators-see-all"],
  ["act-carol", "invoke_query", { query: READ("find_user") }, "deny", null],
])("E2: %s asks for %s with %j: %s by %s", (actor, action, facts, tag, rule) => {
  const engine = createPolicyEngine(parsedBundle(E2), SCOPE);

  expect(engine.decide({ actor, action, ...facts })).toMatchObject({ tag, matched_rule: rule });
});

test.each<Row>([
  ["agent-support", "invoke_query", { query: READ("find_user") }, "allow", "everyone-tools"],
  ["agent-support", "invoke_query", { query: READ("admin_reset") }, "deny", null],
  ["agent-support", "invoke_query", { query: WRITE("purge_graph") }, "deny", null],
  ["act-alice", "invoke_query", { query: WRITE("purge_graph") }, "allow", "admins-tools"],
  ["act-alice", "invoke_query", { query: READ("find_user") }, "allow", "admins-tools"],
  ["act-alice", "invoke_query", { query: READ("export_contacts") }, "deny", "incident-4711-kill-switch"],
  ["act-carol", "invoke_query", { query: READ("export_contacts") }, "deny", "incident-4711-kill-switch"],
])("E3: %s asks for %s with %j: %s by %s", (actor, action, facts, tag, rule) => {
  const engine = createPolicyEngine(parsedBundle(E3), SCOPE);

  expect(engine.decide({ actor, action, ...facts })).toMatchObject({ tag, matched_rule: rule });
});

test("a decision names every rule that settled it, and the deny that did", () => {
  const engine = createPolicyEngine(parsedBundle(E3), SCOPE);

  expect(
    engine.decide({ actor: "act-alice", action: "invoke_query", query: READ("find_user") }).rules,
  ).toEqual(["admins-tools", "everyone-tools"]);
  expect(
    engine.decide({ actor: "act-alice", action: "invoke_query", query: READ("export_contacts") }).message,
  ).toBe("policy denied action 'invoke_query' for actor 'act-alice' by 'incident-4711-kill-switch'");
});

test.each([
  ["E1", E1],
  ["E2", E2],
  ["E3", E3],
])("Cedar's strict validation has nothing against %s", (_, text) => {
  expect(verifyBundle(parsedBundle(text), SCOPE)).toEqual([]);
});

test("E2 compiles to the Cedar of spec/policy 5.6", () => {
  const { policies } = compileBundle(parsedBundle(E2), SCOPE);
  const name = { ".": { left: { Var: "resource" }, attr: "name" } };

  expect(Object.keys(policies)).toEqual([
    "agents-toolbox:list_query",
    "agents-toolbox:invoke_query",
    "agents-read-through-tools:read",
    "billing-hidden:invoke_query",
    "curators-see-all:list_query",
  ]);
  expect(policies["agents-toolbox:list_query"]?.resource).toEqual({
    op: "is",
    entity_type: "Omnigraph::StoredQuery",
    in: { entity: { type: "Omnigraph::Graph", id: "knowledge" } },
  });
  expect(policies["billing-hidden:invoke_query"]?.conditions).toEqual([
    { kind: "when", body: { "==": { left: name, right: { Value: "reconcile_invoices" } } } },
  ]);
  expect(policies["curators-see-all:list_query"]).toMatchObject({ resource: { op: "in" }, conditions: [] });
});
