/** Which queries a caller sees (spec/policy 5.3, 5.9): the fast filter, held against full Cedar. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { askCedarPartially } from "../../lib/policy/cedar.ts";
import { compileBundle } from "../../lib/policy/compile.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { actionEntity, actorEntity, groupEntity } from "../../lib/policy/entity.ts";
import { matchesName } from "../../lib/policy/query-scope.ts";
import { residualTest } from "../../lib/policy/residual.ts";
import { findVisibleQueries } from "../../lib/policy/visible-queries.ts";
import { arbitraryScopedBundle, CALLERS, CATALOG } from "./arbitrary-scopes.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E2 } from "./worked-examples.ts";

const SCOPE = { kind: "graph", graph: "kb" } as const;
const ACTIONS = ["list_query", "invoke_query"] as const;
const CONTEXT = {
  has_branch: false,
  branch: "",
  has_target_branch: false,
  target_branch: "",
  branch_is_protected: false,
  target_branch_is_protected: false,
  via_stored_query: false,
};

test("the fast filter and full Cedar agree on every query, for random bundles, callers and actions", () => {
  fc.assert(
    fc.property(
      arbitraryScopedBundle("graph"),
      fc.constantFrom(...CALLERS),
      fc.constantFrom(...ACTIONS),
      (bundle, caller, action) => {
        const engine = createPolicyEngine(bundle, SCOPE);
        const decided = CATALOG.filter(
          (query) => engine.decide({ ...caller, action, query }).tag === "allow",
        );

        expect(engine.visibleQueries(caller, action, CATALOG)).toEqual({ tag: "visible", queries: decided });
      },
    ),
    { numRuns: 300 },
  );
});

test("every condition that Cedar leaves over is one that the filter understands", () => {
  fc.assert(
    fc.property(arbitraryScopedBundle("graph"), fc.constantFrom(...ACTIONS), (bundle, action) => {
      const { policies } = compileBundle(bundle, SCOPE);
      const partial = askCedarPartially(policies, {
        principal: actorEntity("ada"),
        parents: bundle.groups.map((group) => groupEntity(group.name)),
        action: actionEntity(action),
        context: CONTEXT,
      });
      if (partial.tag === "failed") expect.unreachable(partial.reason);
      for (const residual of Object.values(partial.residuals)) {
        expect(residualTest(residual, SCOPE)).not.toBeNull();
      }
    }),
    { numRuns: 80 },
  );
});

test.each([
  { has: { left: { unknown: [{ Value: "resource" }] }, attr: "name" } },
  { contains: { left: { Set: [{ Var: "principal" }] }, right: { Value: "x" } } },
  { "==": { left: { unknown: [{ Value: "principal" }] }, right: { Value: "x" } } },
  { ".": { left: { unknown: [{ Value: "resource" }] }, attr: "owner" } },
  { Value: 1 },
  { "!": { arg: { Value: "text" } } },
  { Value: true, "!": { arg: { Value: true } } },
  { is: { left: { unknown: [{ Value: "resource" }] }, entity_type: "Omnigraph::StoredQuery", in: {} } },
  "text",
  null,
])("a condition of an unknown form is never guessed: %j", (body) => {
  const residual = { effect: "permit" as const, conditions: [{ kind: "when" as const, body }] };

  expect(residualTest(residual, SCOPE)).toBeNull();
});

test("a bundle with a form that the filter does not know is decided query by query", () => {
  const name = { ".": { left: { Var: "resource" as const }, attr: "name" } };
  const policy = {
    effect: "permit" as const,
    principal: { op: "All" as const },
    action: { op: "==" as const, entity: actionEntity("invoke_query") },
    resource: { op: "is" as const, entity_type: "Omnigraph::StoredQuery" },
    conditions: [
      {
        kind: "when" as const,
        body: {
          "&&": {
            left: { has: { left: { Var: "resource" as const }, attr: "name" } },
            right: { "==": { left: name, right: { Value: "find" } } },
          },
        },
      },
    ],
  };
  const compiled = {
    policies: { p: policy },
    rules: new Map([["p", "p"]]),
    heads: new Map([["p", { group: null, action: "invoke_query" as const }]]),
  };
  const question = {
    principal: actorEntity("ada"),
    parents: [groupEntity("staff")],
    action: actionEntity("invoke_query"),
    context: CONTEXT,
  };

  expect(
    findVisibleQueries(
      { compiled, scope: SCOPE, slot: "odd", groups: ["staff"], action: "invoke_query", question },
      CATALOG,
    ),
  ).toEqual({ tag: "visible", queries: CATALOG.filter((query) => query.name === "find") });
});

test("a catalog of 10,000 queries is filtered by one evaluation, in its own order", () => {
  const catalog = Array.from({ length: 10_000 }, (_, index) => ({
    name: index % 3 === 0 ? `crm_${index}` : index % 3 === 1 ? `crm_debug_${index}` : `q${index}`,
    mutation: index % 2 === 0,
  }));
  const engine = createPolicyEngine(parsedBundle(E2), SCOPE);

  const seen = engine.visibleQueries({ actor: "agent-support" }, "invoke_query", catalog);

  expect(seen).toEqual({
    tag: "visible",
    queries: catalog.filter((query) => /^crm_\d/.test(query.name) && !query.mutation),
  });
});

test("a glob means what a regular expression with .* in place of each * means", () => {
  const text = fc.stringMatching(/^[ab_]{0,8}$/);
  const glob = fc.stringMatching(/^[ab_*]{0,8}$/);
  fc.assert(
    fc.property(glob, text, (pattern, name) => {
      const expected = new RegExp(`^${pattern.replaceAll(/\*+/g, ".*")}$`).test(name);
      expect(matchesName(pattern, name)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});
