/** What a run has done itself has not moved its world; everything else has (design 7, A5). */
import { describe, expect, test } from "vitest";
import { type Address, parseAddress } from "../../lib/desired/address.ts";
import type { IncarnationId } from "../../lib/digest/ids.ts";
import type { Change } from "../../lib/plan/change.ts";
import type { PlanDocument, Precondition } from "../../lib/plan/plan-document.ts";
import { planLeft } from "../../lib/plan/plan-left.ts";
import { plannedWorldMoved } from "../../lib/plan/plan-validity.ts";
import { SAMPLE_PLAN } from "./sample-plan.ts";

const LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FL1" as IncarnationId;
const OTHER_LIFE = "01ARZ3NDEKTSV4RRFFQ69G5FL2" as IncarnationId;

interface Row {
  readonly at: string;
  readonly operation: Change["operation"];
  readonly disposition: Change["disposition"];
  readonly before: string | null;
  readonly after: string;
  readonly life: IncarnationId | null;
  readonly live: string | null;
}

function address(text: string): Address {
  const parts = parseAddress(text);
  if (parts === null) throw new Error(`${text}: no address`);
  return parts.address;
}

function planOf(rows: readonly Row[]): PlanDocument {
  const changes = rows.map(
    ({ at, operation, disposition, before, after }): Change => ({
      resource: address(at),
      operation,
      ...(before === null ? {} : { before_digest: before }),
      after_digest: after,
      disposition,
    }),
  );
  const preconditions = rows.map(
    ({ at, before, life, live }): Precondition => ({
      address: address(at),
      ledger_digest: before,
      incarnation: life,
      live_schema_digest: live,
      manifest_version: null,
    }),
  );
  return { ...SAMPLE_PLAN, targets: null, changes, preconditions };
}

const live = { life: LIFE, live: "s1" } as const;
const update = { operation: "update", disposition: "applied" } as const;
const GRAPH: Row = {
  at: "graph.people",
  operation: "update",
  disposition: "derived",
  before: "g1",
  after: "g3",
  ...live,
};
const SCHEMA: Row = { at: "schema.people", ...update, before: "s1", after: "s2", ...live };
const QUERY: Row = { at: "query.people.find", ...update, before: "q1", after: "q2", ...live };
const POLICY: Row = { at: "policy.staff", ...update, before: "p1", after: "p2", life: null, live: null };
const MIGRATES = planOf([GRAPH, SCHEMA, QUERY, POLICY]);

const none = { before: null, life: null, live: null } as const;
const create = { operation: "create", disposition: "applied" } as const;
const CREATES = planOf([
  { at: "graph.shop", ...create, ...none, after: "g3" },
  { at: "schema.shop", ...create, ...none, after: "s2" },
  { at: "query.shop.find", ...create, ...none, after: "q2" },
]);

function moved(reviewed: PlanDocument, ...rows: readonly Row[]): readonly string[] {
  const fresh = planOf(rows);
  return plannedWorldMoved(planLeft(reviewed, fresh), fresh).map((each) => `${each.path}: ${each.message}`);
}

/** As the fresh plan shows the rest of a graph whose schema the run has migrated. */
const migrated = { life: LIFE, live: "s2" } as const;

describe("the rest of a plan that its own run has begun", () => {
  test("is the plan while nothing is done, and nothing when all is done", () => {
    expect(planLeft(MIGRATES, MIGRATES)).toEqual(MIGRATES);
    expect(planLeft(MIGRATES, planOf([]))).toMatchObject({ changes: [], preconditions: [] });
  });

  test.each<readonly [string, PlanDocument, readonly Row[]]>([
    ["a policy is done", MIGRATES, [GRAPH, SCHEMA, QUERY]],
    ["a query is done, so the composite has changed", MIGRATES, [{ ...GRAPH, before: "g2" }, SCHEMA, POLICY]],
    [
      "a schema is done, and a crash came before its queries",
      MIGRATES,
      [{ ...GRAPH, before: "g2", ...migrated }, { ...QUERY, ...migrated }, POLICY],
    ],
    [
      "a schema is done, and the graph needs no look any more",
      MIGRATES,
      [
        { ...GRAPH, before: "g2", life: null, live: null },
        { ...QUERY, life: null, live: null },
      ],
    ],
    [
      "a graph is created, and a crash came before its queries",
      CREATES,
      [
        {
          at: "graph.shop",
          operation: "update",
          disposition: "derived",
          before: "g1",
          after: "g3",
          ...migrated,
        },
        { at: "query.shop.find", ...create, before: null, after: "q2", ...migrated },
      ],
    ],
  ])("is valid when %s", (_, reviewed, rows) => {
    expect(moved(reviewed, ...rows)).toEqual([]);
  });

  test.each<readonly [string, readonly Row[], string]>([
    ["another query was put in place", [GRAPH, SCHEMA, { ...QUERY, before: "qx" }], "query.people.find"],
    [
      "the composite changed although nothing of the graph is done",
      [{ ...GRAPH, before: "gx" }, SCHEMA, QUERY],
      "graph.people",
    ],
    [
      "another schema came after the one of the run",
      [{ ...GRAPH, before: "g2", life: LIFE, live: "sx" }],
      "graph.people",
    ],
    [
      "the migrated graph was deleted and made again",
      [{ ...QUERY, life: OTHER_LIFE, live: "s2" }],
      "query.people.find",
    ],
    ["the schema that is left has moved", [GRAPH, { ...SCHEMA, live: "sx" }], "schema.people"],
    ["something was added", [GRAPH, SCHEMA, { ...POLICY, at: "policy.extra" }], "policy.extra"],
    ["it would become another", [{ ...POLICY, after: "px" }], "policy.staff"],
  ])("is void when %s", (_, rows, path) => {
    expect(moved(MIGRATES, ...rows).some((each) => each.startsWith(`${path}: `))).toBe(true);
  });
});
