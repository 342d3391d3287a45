/** Whether a bundle suits its binding (spec/policy 1.3 row 17, 3), and how bindings name scopes. */
import { expect, test } from "vitest";
import { checkBindingKind } from "../../lib/policy/kind.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";
import { bindingOf, scopeOfBinding } from "../../lib/policy/scope.ts";

const TEXT = `version: 1
groups: { staff: [ada] }
rules:
  - id: server
    allow: { actors: { group: staff }, actions: [graph_list] }
  - id: graph
    allow: { actors: { group: staff }, actions: [read, admin] }
`;

function check(binding: "cluster" | "graph") {
  const parsed = parsePolicy(TEXT, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  return checkBindingKind(parsed.bundle, binding);
}

test("a bundle for graphs may hold no server-scoped action (policy_wrong_kind)", () => {
  expect(check("graph")).toMatchObject([
    {
      code: "policy_wrong_kind",
      path: "rules[0].allow.actions[0]",
      source: { file: "p.yaml", line: 5, column: 50 },
      message: expect.stringMatching(/'server' uses server-scoped action 'graph_list' .*move it to a bundle/),
    },
  ]);
});

test("a bundle for the cluster may hold no per-graph action, and each one is reported", () => {
  expect(check("cluster")).toMatchObject([
    {
      path: "rules[1].allow.actions[0]",
      message: expect.stringMatching(/uses per-graph action 'read' .*move it to a bundle/),
    },
    { path: "rules[1].allow.actions[1]", message: expect.stringContaining("'admin'") },
  ]);
});

test("a binding and its scope name each other", () => {
  expect(scopeOfBinding("cluster")).toEqual({ kind: "server" });
  expect(scopeOfBinding("graph.crm")).toEqual({ kind: "graph", graph: "crm" });
  expect(["crm", "graph.", "query.x.y"].map(scopeOfBinding)).toEqual([null, null, null]);
  for (const binding of ["cluster", "graph.crm"]) expect(bindingOf(scopeOfBinding(binding)!)).toBe(binding);
});
