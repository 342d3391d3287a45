/** What the compiler makes of a bundle (spec/policy 2.2), held against Cedar itself. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import { validateStrictly } from "../../lib/policy/cedar.ts";
import { compileBundle } from "../../lib/policy/compile.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";
import { verifyBundle } from "../../lib/policy/verify.ts";
import { arbitraryBundle } from "./arbitrary-bundle.ts";
import { arbitraryScopedBundle } from "./arbitrary-scopes.ts";

function bundleOf(text: string): PolicyBundle {
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  return parsed.bundle;
}

const BUNDLE = bundleOf(`
version: 1
groups: { staff: [ada] }
protected_branches: [main]
rules:
  - id: all
    allow: { actors: { group: staff }, actions: [read, change], branch_scope: unprotected }
  - id: merge
    allow: { actors: { group: staff }, actions: [branch_merge], target_branch_scope: protected }
  - id: coarse
    allow: { actors: { group: staff }, actions: [invoke_query] }
`);

test("each pair of rule and action becomes one permit with the id rule:action (spec/policy 2.2)", () => {
  const { policies, rules } = compileBundle(BUNDLE, { kind: "graph", graph: "crm" });

  expect(Object.keys(policies)).toEqual([
    "all:read",
    "all:change",
    "merge:branch_merge",
    "coarse:invoke_query",
  ]);
  expect([...rules.values()]).toEqual(["all", "all", "merge", "coarse"]);
  expect(policies["merge:branch_merge"]).toEqual({
    effect: "permit",
    principal: { op: "in", entity: { type: "Omnigraph::Group", id: "staff" } },
    action: { op: "==", entity: { type: "Omnigraph::Action", id: "branch_merge" } },
    resource: { op: "==", entity: { type: "Omnigraph::Graph", id: "crm" } },
    conditions: [
      {
        kind: "when",
        body: {
          "&&": {
            left: { ".": { left: { Var: "context" }, attr: "has_target_branch" } },
            right: { ".": { left: { Var: "context" }, attr: "target_branch_is_protected" } },
          },
        },
      },
    ],
  });
  expect(policies["coarse:invoke_query"]?.conditions).toEqual([]);
});

test("one bundle compiles to different policies for different graphs", () => {
  const crm = compileBundle(BUNDLE, { kind: "graph", graph: "crm" });
  const kb = compileBundle(BUNDLE, { kind: "graph", graph: "kb" });

  expect(crm.policies["all:read"]?.resource).not.toEqual(kb.policies["all:read"]?.resource);
});

test.each(["graph", "server"] as const)(
  "Cedar's strict validation has no error and no warning about any %s bundle that passes the checks (spec/policy 1.3 row 18)",
  (kind) => {
    fc.assert(
      fc.property(arbitraryBundle(kind), (bundle) => {
        const scope = kind === "server" ? ({ kind } as const) : ({ kind, graph: 'g"\\' } as const);
        expect(verifyBundle(bundle, scope)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  },
);

test.each(["graph", "cluster"] as const)(
  "Cedar's strict validation has nothing against any %s bundle with the conditions of spec/policy 5.2",
  (kind) => {
    fc.assert(
      fc.property(arbitraryScopedBundle(kind), (bundle) => {
        const scope =
          kind === "cluster" ? ({ kind: "server", cluster: "c" } as const) : ({ kind, graph: "g" } as const);
        expect(verifyBundle(bundle, scope)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  },
);

test("strict validation does report a policy that the schema does not allow, so that its silence means something", () => {
  const { policies } = compileBundle(BUNDLE, { kind: "graph", graph: "crm" });
  const sound = policies["coarse:invoke_query"];
  if (sound === undefined) expect.unreachable("the rule was compiled");

  const wrongResource = {
    ...sound,
    resource: { op: "==", entity: { type: "Omnigraph::Server", id: "root" } },
  } as const;
  const unknownFact = {
    ...sound,
    conditions: [{ kind: "when", body: { ".": { left: { Var: "context" }, attr: "nothing" } } }],
  } as const;

  expect(validateStrictly({ sound })).toEqual({ errors: [], warnings: [] });
  expect(validateStrictly({ wrongResource: { ...wrongResource } }).warnings).not.toEqual([]);
  expect(
    validateStrictly({ unknownFact: { ...unknownFact, conditions: [...unknownFact.conditions] } }).errors,
  ).not.toEqual([]);
});

test("what Cedar has against compiled policies becomes a diagnostic of its own code, policy_cedar_invalid", () => {
  const found = verifyBundle(BUNDLE, { kind: "graph", graph: "crm\u202e" });

  expect(found[0]).toMatchObject({
    code: "policy_cedar_invalid",
    message: expect.stringContaining("policy validation failed: all:change"),
  });
});
