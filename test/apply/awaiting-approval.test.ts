/** What waits with a change that waits for an approval which only a duty wants. */
import { expect, test } from "vitest";
import { awaitingApproval } from "../../lib/apply/awaiting-approval.ts";
import type { Address } from "../../lib/desired/address.ts";
import type { Change } from "../../lib/plan/change.ts";

const change = (resource: string, operation: Change["operation"] = "create"): Change => ({
  resource: resource as Address,
  operation,
  disposition: "applied",
});
const edges = [{ from: "policy.staff" as Address, to: "graph.people" as Address }];
const PLAN = [
  change("graph.people"),
  change("policy.staff"),
  change("query.people.all"),
  change("query.shop.all"),
  change("schema.people"),
  change("schema.shop", "update"),
];

function waits(changes: readonly Change[], ...awaiting: string[]): readonly string[] {
  return awaitingApproval(changes, awaiting as Address[], edges, {})
    .filter(({ disposition }) => disposition !== "applied")
    .map(({ resource, reason }) => `${resource} ${reason}`);
}

test("nothing waits if nobody's approval is awaited", () => {
  expect(awaitingApproval(PLAN, [], edges, {})).toBe(PLAN);
});

test("a policy or a query waits alone", () => {
  expect(waits(PLAN, "policy.staff")).toEqual(["policy.staff approval_required"]);
  expect(waits(PLAN, "query.shop.all")).toEqual(["query.shop.all approval_required"]);
});

test("queries wait with their schema, and everything of a graph with the graph, as well as what applies to it", () => {
  expect(waits(PLAN, "schema.shop")).toEqual([
    "query.shop.all dependency_not_applied",
    "schema.shop approval_required",
  ]);
  expect(waits(PLAN, "graph.people")).toEqual([
    "graph.people approval_required",
    "policy.staff dependency_not_applied",
    "query.people.all dependency_not_applied",
    "schema.people dependency_not_applied",
  ]);
  const deletes = [
    change("graph.people", "delete"),
    change("query.people.all", "delete"),
    change("schema.people", "delete"),
  ];
  expect(waits(deletes, "graph.people")).toEqual([
    "graph.people approval_required",
    "query.people.all dependency_not_applied",
    "schema.people dependency_not_applied",
  ]);
});

test("a graph waits with the schema that it would be created with", () => {
  expect(waits(PLAN, "schema.people")).toEqual([
    "graph.people dependency_not_applied",
    "policy.staff dependency_not_applied",
    "query.people.all dependency_not_applied",
    "schema.people approval_required",
  ]);
});

test("a schema waits with the new text of a query that is deployed, and so do the other queries; not with a new query", () => {
  const plan = [
    change("query.shop.all", "update"),
    change("query.shop.more"),
    change("schema.shop", "update"),
  ];
  expect(waits(plan, "query.shop.all")).toEqual([
    "query.shop.all approval_required",
    "query.shop.more dependency_not_applied",
    "schema.shop dependency_not_applied",
  ]);
  expect(waits(plan, "query.shop.more")).toEqual(["query.shop.more approval_required"]);
});

test("policies that hand a scope on wait together, also by way of a third, and others do not", () => {
  const policy = (name: string, operation: Change["operation"], ...bound_to: string[]): Change => ({
    ...change(`policy.${name}`, operation),
    bound_to,
  });
  const plan = [
    policy("a", "delete", "cluster"),
    policy("b", "update", "cluster", "graph.people"),
    policy("c", "create", "graph.people"),
    policy("d", "update", "graph.shop"),
  ];
  for (const [first, others] of [
    ["policy.a", ["policy.b", "policy.c"]],
    ["policy.c", ["policy.a", "policy.b"]],
  ] as const) {
    expect(waits(plan, first)).toEqual(
      [`${first} approval_required`, ...others.map((each) => `${each} dependency_not_applied`)].sort(),
    );
  }
  expect(waits(plan, "policy.d")).toEqual(["policy.d approval_required"]);
});

test("what is blocked already stays blocked for its own reason", () => {
  const blocked: Change = {
    ...change("policy.staff"),
    disposition: "blocked",
    reason: "dependency_not_applied",
  };
  expect(waits([blocked], "policy.staff")).toEqual(["policy.staff dependency_not_applied"]);
});
