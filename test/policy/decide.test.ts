/** How requests are decided (spec/policy 2.3). */
import { expect, test } from "vitest";
import type { PolicyAction } from "../../lib/policy/action.ts";
import { parseActionFlag } from "../../lib/policy/action.ts";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import { askCedar } from "../../lib/policy/cedar.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";

function bundleOf(text: string): PolicyBundle {
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  return parsed.bundle;
}

const CRM = bundleOf(`
version: 1
groups:
  staff: [ada, bob, "012345678901"]
  leads: [ada]
  idle: [zoe]
protected_branches: [main, release]
rules:
  - id: staff-read
    allow: { actors: { group: staff }, actions: [read], branch_scope: any }
  - id: staff-draft
    allow: { actors: { group: staff }, actions: [change], branch_scope: unprotected }
  - id: leads-change
    allow: { actors: { group: leads }, actions: [change], branch_scope: protected }
  - id: leads-merge
    allow: { actors: { group: leads }, actions: [branch_merge], target_branch_scope: protected }
  - id: staff-branch
    allow: { actors: { group: staff }, actions: [branch_create], target_branch_scope: unprotected }
  - id: leads-export
    allow: { actors: { group: leads }, actions: [export] }
  - id: also-leads-export
    allow: { actors: { group: leads }, actions: [export, invoke_query] }
`);
const engine = createPolicyEngine(CRM, { kind: "graph", graph: "crm" });

test.each<[string, PolicyAction, string | null, string | null, string | null]>([
  ["ada", "read", "main", null, "staff-read"],
  ["ada", "read", null, null, "staff-read"],
  ["bob", "change", "draft", null, "staff-draft"],
  ["bob", "change", "main", null, null],
  ["bob", "change", null, null, null],
  ["bob", "change", " main", null, "staff-draft"],
  ["ada", "change", "main", null, "leads-change"],
  ["ada", "change", null, null, null],
  ["ada", "branch_merge", "draft", "main", "leads-merge"],
  ["ada", "branch_merge", "main", "draft", null],
  ["ada", "branch_merge", "main", null, null],
  ["bob", "branch_create", "main", "draft", "staff-branch"],
  ["bob", "branch_create", "main", "release", null],
  ["ada", "export", null, null, "also-leads-export"],
  ["ada", "invoke_query", null, null, "also-leads-export"],
  ["bob", "invoke_query", null, null, null],
  ["012345678901", "read", "x", null, "staff-read"],
  ["12345678901", "read", "x", null, null],
  ["zoe", "read", "main", null, null],
  ["ada", "admin", null, null, null],
  ["ada", "graph_list", null, null, null],
])(
  "a request of %s for %s on branch %s targeting %s is decided by rule %s",
  (actor, action, branch, target, rule) => {
    const decision = engine.decide({ actor, action, branch, target_branch: target });

    expect(decision).toMatchObject({ tag: rule === null ? "deny" : "allow", matched_rule: rule });
  },
);

test("a decision says in words what was allowed or denied, and to whom", () => {
  expect(engine.decide({ actor: "ada", action: "read", branch: "main" }).message).toBe(
    "policy allowed action 'read' for actor 'ada'",
  );
  expect(engine.decide({ actor: "bob", action: "change", branch: "main" }).message).toBe(
    "policy denied action 'change' on branch 'main' for actor 'bob'",
  );
  expect(
    engine.decide({ actor: "ada", action: "branch_merge", branch: "main", target_branch: "draft" }).message,
  ).toBe("policy denied action 'branch_merge' on branch 'main' targeting branch 'draft' for actor 'ada'");
  expect(engine.decide({ actor: "eve", action: "change", branch: "main" }).message).toBe(
    "policy denied action 'change' for unknown actor 'eve'",
  );
});

test("an actor is known only by a group of this very bundle, and never by the name of a group", () => {
  expect(engine.decide({ actor: "staff", action: "read" })).toMatchObject({
    tag: "deny",
    message: expect.stringContaining("unknown actor"),
  });
});

test("the server is decided about by its own bundle", () => {
  const server = createPolicyEngine(
    bundleOf(
      "version: 1\ngroups: {ops: [ada]}\nrules:\n  - {id: list, allow: {actors: {group: ops}, actions: [graph_list]}}",
    ),
    { kind: "server" },
  );

  expect(server.decide({ actor: "ada", action: "graph_list" })).toMatchObject({
    tag: "allow",
    matched_rule: "list",
  });
  expect(server.decide({ actor: "ada", action: "read" })).toMatchObject({ tag: "deny" });
});

test("two engines of one scope never answer for each other, in whatever order they are asked (spec/policy 5.9)", () => {
  const open = bundleOf(
    "version: 1\ngroups: {g: [ada]}\nrules:\n  - {id: open, allow: {actors: {group: g}, actions: [admin]}}",
  );
  const shut = bundleOf("version: 1\ngroups: {g: [ada]}\nrules: []");
  const before = createPolicyEngine(open, { kind: "graph", graph: "same" });
  const after = createPolicyEngine(shut, { kind: "graph", graph: "same" });

  const tags = [before, after, before, after, after, before].map(
    (each) => each.decide({ actor: "ada", action: "admin" }).tag,
  );

  expect(tags).toEqual(["allow", "deny", "allow", "deny", "deny", "allow"]);
});

const QUESTION = {
  principal: { type: "Omnigraph::Actor", id: "ada" },
  parents: [],
  action: { type: "Omnigraph::Action", id: "read" },
  resource: { type: "Omnigraph::Graph", id: "crm" },
  record: null,
  context: {
    has_branch: false,
    branch: "",
    has_target_branch: false,
    target_branch: "",
    branch_is_protected: false,
    target_branch_is_protected: false,
    via_stored_query: false,
  },
};

test.each([
  ["a fact is missing", { ...QUESTION, context: { has_branch: false } }],
  ["a fact is unknown", { ...QUESTION, context: { ...QUESTION.context, extra: true } }],
  ["a fact has the wrong type", { ...QUESTION, context: { ...QUESTION.context, branch: true } }],
  ["the resource is of the wrong kind", { ...QUESTION, resource: { type: "Omnigraph::Server", id: "root" } }],
  ["the action does not exist", { ...QUESTION, action: { type: "Omnigraph::Action", id: "fly" } }],
])("a request is failed, never allowed, when %s (spec/policy 2.3)", (_, question) => {
  const everything = {
    all: {
      effect: "permit" as const,
      principal: { op: "All" as const },
      action: { op: "All" as const },
      resource: { op: "All" as const },
      conditions: [],
    },
  };

  expect(askCedar("test", everything, QUESTION)).toMatchObject({ tag: "decided", allowed: true });
  expect(askCedar("test", everything, question)).toMatchObject({ tag: "failed" });
});

test("a set of policies that Cedar refuses is failed, and the set that was there before is not asked instead", () => {
  const sound = {
    all: {
      effect: "permit" as const,
      principal: { op: "All" as const },
      action: { op: "All" as const },
      resource: { op: "All" as const },
      conditions: [],
    },
  };
  const broken = { all: { ...sound.all, effect: "maybe" as "permit" } };

  expect(askCedar("refused", sound, QUESTION)).toMatchObject({ tag: "decided", allowed: true });
  expect(askCedar("refused", broken, QUESTION)).toMatchObject({ tag: "failed" });
  expect(askCedar("refused", broken, QUESTION)).toMatchObject({ tag: "failed" });
});

test("the command line may spell an action with hyphens, a bundle may not (spec/policy 1.2)", () => {
  expect(parseActionFlag("schema-apply")).toBe("schema_apply");
  expect(parseActionFlag("schema_apply")).toBe("schema_apply");
  expect(parseActionFlag("fly")).toBeNull();
});
