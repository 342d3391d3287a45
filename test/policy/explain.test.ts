/** Why a request is decided as it is (spec/policy 5.10). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainDecision } from "../../lib/policy/explain.ts";
import { arbitraryFacts, arbitraryScopedBundle, CALLERS } from "./arbitrary-scopes.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E2, E4 } from "./worked-examples.ts";

const CLUSTER = { kind: "server", cluster: "company-brain" } as const;

test("a grant that falls short is shown with the condition that does not hold", () => {
  const { decision, groups, candidates } = explainDecision(
    parsedBundle(E4),
    CLUSTER,
    { actor: "act-carol", action: "cluster_approve" },
    { authors: ["act-alice"], auth_source: "jwt", amr: ["pwd"] },
  );

  expect(decision).toMatchObject({ tag: "deny", matched_rule: null });
  expect(groups).toEqual(["release", "platform"]);
  expect(candidates).toEqual([
    {
      rule: "release-approves",
      effect: "allow",
      group: "release",
      conditions: [
        { field: "resource", holds: true },
        { field: "auth", holds: false },
      ],
    },
  ]);
});

test("a rule about stored queries is shown to be about another resource where a request names none", () => {
  const bundle = parsedBundle(E2);
  const scope = { kind: "graph", graph: "kb" } as const;
  const conditions = (query: { name: string; mutation: boolean } | null) =>
    explainDecision(
      bundle,
      scope,
      { actor: "agent-support", action: "invoke_query", query },
      {},
    ).candidates[0]?.conditions.map((each) => `${each.field}:${each.holds}`);

  expect(conditions(null)).toEqual(["resource:false", "query_scope:false"]);
  expect(conditions({ name: "crm_open", mutation: false })).toEqual(["resource:true", "query_scope:true"]);
  expect(conditions({ name: "crm_debug_x", mutation: false })).toEqual([
    "resource:true",
    "query_scope:false",
  ]);
});

test("the rules whose conditions all hold are the ones that decide, unless a duty does", () => {
  fc.assert(
    fc.property(
      arbitraryScopedBundle("cluster"),
      fc.constantFrom(...CALLERS),
      arbitraryFacts,
      (bundle, who, facts) => {
        const free = { ...bundle, duties: [] };
        const { decision, candidates } = explainDecision(
          free,
          CLUSTER,
          { ...who, action: "cluster_apply" },
          facts,
        );
        const holding = candidates.filter((each) => each.conditions.every((condition) => condition.holds));
        const denying = holding.filter((each) => each.effect === "deny");
        const deciding = denying.length > 0 ? denying : holding;

        expect(decision.rules).toEqual(deciding.map((each) => each.rule));
        expect(decision.tag).toBe(denying.length === 0 && holding.length > 0 ? "allow" : "deny");
      },
    ),
    { numRuns: 60 },
  );
});
