/** What does not run because an effect did not land (spec/cluster 8.5). */
import { describe, expect, test } from "vitest";
import { demote, type FailureOrigin } from "../../lib/apply/demote.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Change } from "../../lib/plan/change.ts";
import { change, edge, ledgerWith } from "../plan/changes.ts";

function demoted(
  texts: readonly string[],
  failures: Readonly<Record<string, FailureOrigin>>,
  edges: readonly string[] = [],
): readonly string[] {
  const changes: readonly Change[] = texts.map((text) => ({ ...change(text), disposition: "applied" }));
  const failed = new Map(Object.entries(failures).map(([graph, origin]) => [graph as GraphId, origin]));
  const recorded = ledgerWith({ "graph.g": { embedding_provider: "provider.embedding.m" } });
  const { resources } = recorded.applied_revision;
  return demote(changes, failed, edges.map(edge), resources).map((each) => each.reason ?? each.disposition);
}

describe("a change of a graph whose effect did not land", () => {
  test.each([
    ["create graph.g", "create", "graph_create_failed"],
    ["create schema.g", "create", "dependency_not_applied"],
    ["create query.g.q", "create", "dependency_not_applied"],
    ["update schema.g", "schema", "schema_apply_failed"],
    ["update graph.g", "schema", "applied"],
    ["delete query.g.q", "schema", "dependency_not_applied"],
    ["create query.h.q", "schema", "applied"],
    ["update provider.embedding.m", "schema", "applied"],
    ["delete provider.embedding.m", "schema", "provider_in_use"],
    ["delete provider.embedding.n", "schema", "applied"],
  ] as const)("%s, origin %s, becomes %s (W16, W31)", (text, origin, expected) => {
    expect(demoted([text], { g: origin })).toEqual([expected]);
  });

  test.each([
    ["create policy.p", "create", "dependency_not_applied"],
    ["update policy.p", "create", "dependency_not_applied"],
    ["delete policy.p", "create", "applied"],
    ["update policy.p", "schema", "applied"],
  ] as const)("that it binds, %s, origin %s, becomes %s (W30)", (text, origin, expected) => {
    expect(demoted([text], { g: origin }, ["policy.p -> graph.g"])).toEqual([expected]);
  });

  test("keeps the policy in force that one that waits for the graph would have replaced", () => {
    const applied = { disposition: "applied", bound_to: ["graph.g", "graph.h"] } as const;
    const changes: readonly Change[] = [
      { ...change("delete policy.old"), ...applied, bound_to: ["graph.h"] },
      { ...change("create policy.p"), ...applied },
    ];
    const after = demote(changes, new Map([["g" as GraphId, "create"]]), [edge("policy.p -> graph.g")], {});
    expect(after.map(({ disposition, reason }) => [disposition, reason])).toEqual([
      ["blocked", "dependency_not_applied"],
      ["blocked", "dependency_not_applied"],
    ]);
  });

  test("leaves alone what did not run anyway", () => {
    const waiting: Change = { ...change("create graph.g"), disposition: "blocked", reason: "graph_exists" };

    expect(demote([waiting], new Map([["g" as GraphId, "create"]]), [], {})).toEqual([waiting]);
  });
});
