/** The three ways in which a graph shows its queries (spec/policy 5.3). */
import { expect, test } from "vitest";
import type { PolicyEngine } from "../../lib/policy/decide.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import { gateQuery, listQueries } from "../../lib/policy/exposure.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E2, E3 } from "./worked-examples.ts";

const SCOPE = { kind: "graph", graph: "knowledge" } as const;
const CATALOG = ["crm_debug_x", "crm_open", "export_contacts", "find_user", "reconcile_invoices"].map(
  (name) => ({
    name,
    mutation: name === "reconcile_invoices",
  }),
);
const READ_GATED = createPolicyEngine(
  parsedBundle(`version: 1
groups: { readers: [ann], callers: [bob] }
protected_branches: [main]
rules:
  - { id: read, allow: { actors: { group: readers }, actions: [read], branch_scope: protected } }
  - { id: call, allow: { actors: { group: callers }, actions: [invoke_query] } }
`),
  SCOPE,
);
const POLICY = createPolicyEngine(parsedBundle(E2), SCOPE);
const INVOCABLE = createPolicyEngine(parsedBundle(E3), SCOPE);

function namesFor(engine: PolicyEngine, actor: string): readonly string[] | string {
  const listed = listQueries(engine, { actor }, CATALOG);
  return listed.tag === "listed" ? listed.queries.map((query) => query.name) : listed.tag;
}

test("read_gated shows every query to who reads main, and none to anybody else", () => {
  expect(namesFor(READ_GATED, "ann")).toEqual(CATALOG.map((query) => query.name));
  expect(namesFor(READ_GATED, "bob")).toBe("denied");
  expect(namesFor(READ_GATED, "nobody")).toBe("denied");
});

test("invocable shows exactly the queries that the caller may invoke", () => {
  expect(namesFor(INVOCABLE, "act-carol")).toEqual([
    "crm_debug_x",
    "crm_open",
    "find_user",
    "reconcile_invoices",
  ]);
});

test("policy shows what list_query allows, also to who may not invoke it", () => {
  expect(namesFor(POLICY, "agent-support")).toEqual(["crm_open", "find_user"]);
  expect(namesFor(POLICY, "act-carol")).toEqual(CATALOG.map((query) => query.name));
  expect(namesFor(POLICY, "svc-billing")).toEqual([]);
});

test("to a caller whom the bundle does not know, the graph is not there", () => {
  expect(namesFor(POLICY, "nobody")).toBe("hidden");
  expect(namesFor(INVOCABLE, "nobody")).toBe("hidden");
});

test.each([
  ["svc-billing", "reconcile_invoices", "allowed"],
  ["svc-billing", "find_user", "missing"],
  ["act-carol", "find_user", "denied"],
  ["agent-support", "crm_debug_x", "missing"],
  ["nobody", "find_user", "missing"],
])("under policy, %s who invokes %s is told: %s", (actor, name, tag) => {
  const query = CATALOG.find((each) => each.name === name) ?? null;

  expect(gateQuery(POLICY, { actor }, query)).toMatchObject({ tag });
});

test("a query that is not there is missing even to who may list and invoke everything", () => {
  expect(gateQuery(POLICY, { actor: "act-carol" }, null)).toEqual({ tag: "missing" });
  expect(gateQuery(READ_GATED, { actor: "bob" }, null)).toEqual({ tag: "missing" });
  expect(gateQuery(INVOCABLE, { actor: "act-alice" }, null)).toEqual({ tag: "missing" });
});
