/** Every row of the table of dispositions (spec/cluster 7.4), and every difference from it that is meant. */
import { describe, expect, test } from "vitest";
import type { Change } from "../../lib/plan/change.ts";
import { classify } from "../../lib/plan/classify.ts";
import { approvalsRequired, gateViolations, NO_APPROVALS } from "../../lib/plan/gates.ts";
import { change, inputsOf, type Situation, verdictsOf } from "./changes.ts";

type Row = readonly [string, Situation, string];

const ROWS: readonly Row[] = [
  ["create graph.g", { found: { g: "absent" } }, "applied"],
  ["create graph.g", { found: { g: "deleted" } }, "applied"],
  ["create graph.g", { pending: ["g"], found: { g: "absent" } }, "blocked (cluster_recovery_pending)"],
  ["create graph.g", { found: { g: "live" } }, "blocked (graph_exists)"],
  ["create graph.g", { found: { g: "unreadable" } }, "blocked (graph_unreadable)"],
  ["create graph.g", { found: { g: "unavailable" } }, "blocked (graph_observation_error)"],
  ["update graph.g", {}, "derived"],
  ["delete graph.g", {}, "blocked (approval_required)"],
  ["delete graph.g", { approved: ["graph.g"] }, "applied"],
  ["delete graph.g", { approved: ["graph.g"], pending: ["g"] }, "blocked (cluster_recovery_pending)"],
  ["create schema.g", { found: { g: "live" } }, "blocked (schema_unrecorded)"],
  ["update schema.g", { found: { g: "live" } }, "applied"],
  ["update schema.g", { found: { g: "live" }, pending: ["g"] }, "blocked (cluster_recovery_pending)"],
  ["update schema.g", { found: { g: "refused" } }, "blocked (migration_unsupported)"],
  ["update schema.g", { found: { g: "drifted" } }, "blocked (graph_drifted)"],
  ["update schema.g", { found: { g: "absent" } }, "blocked (graph_drifted)"],
  ["update schema.g", { found: { g: "deleted" } }, "blocked (graph_drifted)"],
  ["update schema.g", { found: { g: "unreadable" } }, "blocked (graph_unreadable)"],
  ["update schema.g", { found: { g: "unavailable" } }, "blocked (graph_observation_error)"],
  ["update schema.g", { found: { g: "unpreviewed" } }, "blocked (graph_observation_error)"],
  ["delete schema.g", { found: { g: "absent" } }, "applied"],
  ["delete schema.g", { found: { g: "live" } }, "blocked (graph_exists)"],
  ["delete schema.g", { found: { g: "unreadable" } }, "blocked (graph_unreadable)"],
  ["delete schema.g", { found: { g: "unavailable" } }, "blocked (graph_observation_error)"],
  ["delete schema.g", { pending: ["g"] }, "blocked (cluster_recovery_pending)"],
  ["create query.g.q", {}, "applied"],
  ["update query.g.q", {}, "applied"],
  ["delete query.g.q", {}, "applied"],
  ["create query.g.q", { pending: ["g"] }, "blocked (cluster_recovery_pending)"],
  ["delete query.g.q", { pending: ["g"] }, "applied"],
  ["create policy.p", {}, "applied"],
  ["update policy.p", { edges: ["policy.p -> graph.g"], pending: ["g"] }, "applied"],
  ["delete policy.p", { pending: ["g"] }, "applied"],
  ["create provider.embedding.m", {}, "applied"],
  [
    "update provider.embedding.m",
    { recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    "applied",
  ],
  ["delete provider.embedding.m", {}, "applied"],
  [
    "delete provider.embedding.m",
    { recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    "blocked (provider_in_use)",
  ],
  ["create policy.p", { targets: ["g"] }, "deferred (not_targeted)"],
  ["update schema.g", { found: { g: "live" }, targets: ["h"] }, "deferred (not_targeted)"],
];

/** Several changes at once, because they decide about each other. */
const TOGETHER: readonly (readonly [readonly string[], Situation, readonly string[]])[] = [
  [["create graph.g", "create schema.g"], { found: { g: "absent" } }, ["applied", "applied"]],
  [
    ["create graph.g", "create schema.g", "create query.g.q"],
    { found: { g: "absent" }, pending: ["g"] },
    Array(3).fill("blocked (cluster_recovery_pending)"),
  ],
  [
    ["create graph.g", "create schema.g", "create query.g.q"],
    { found: { g: "unreadable" } },
    ["blocked (graph_unreadable)", "blocked (graph_unreadable)", "blocked (dependency_not_applied)"],
  ],
  [
    ["update graph.g", "create schema.g", "update query.g.q"],
    { found: { g: "live" } },
    ["deferred (apply_unsupported_kind)", "blocked (schema_unrecorded)", "blocked (dependency_not_applied)"],
  ],
  [
    ["delete graph.g", "delete schema.g", "delete query.g.q"],
    {},
    Array(3).fill("blocked (approval_required)"),
  ],
  [
    ["delete graph.g", "delete schema.g", "delete query.g.q"],
    { approved: ["graph.g"] },
    Array(3).fill("applied"),
  ],
  [
    ["delete graph.g", "delete schema.g", "delete query.g.q"],
    { approved: ["graph.g"], pending: ["g"] },
    Array(3).fill("blocked (cluster_recovery_pending)"),
  ],
  [
    ["update graph.g", "update schema.g", "update query.g.q"],
    { found: { g: "refused" } },
    ["derived", "blocked (migration_unsupported)", "blocked (dependency_not_applied)"],
  ],
  [
    ["create graph.g", "update policy.p"],
    { found: { g: "unreadable" }, edges: ["policy.p -> graph.g"] },
    ["blocked (graph_unreadable)", "blocked (dependency_not_applied)"],
  ],
  [
    ["create graph.g", "update policy.p"],
    { found: { g: "absent" }, pending: ["g"], edges: ["policy.p -> graph.g"] },
    ["blocked (cluster_recovery_pending)", "blocked (cluster_recovery_pending)"],
  ],
  [
    ["update schema.g", "update policy.p"],
    { found: { g: "refused" }, edges: ["policy.p -> graph.g"] },
    ["blocked (migration_unsupported)", "applied"],
  ],
  [
    ["update graph.g", "delete provider.embedding.m"],
    { recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    ["derived", "applied"],
  ],
  [
    ["delete graph.g", "delete provider.embedding.m"],
    { recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    ["blocked (approval_required)", "blocked (provider_in_use)"],
  ],
  [
    ["delete graph.g", "delete provider.embedding.m"],
    { approved: ["graph.g"], recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    ["applied", "applied"],
  ],
  [
    ["update graph.g", "delete provider.embedding.m", "update schema.g"],
    { found: { g: "refused" }, recorded: { "graph.g": { embedding_provider: "provider.embedding.m" } } },
    ["derived", "blocked (provider_in_use)", "blocked (migration_unsupported)"],
  ],
  [
    ["create graph.g", "create policy.p", "create provider.embedding.m", "create provider.embedding.n"],
    { found: { g: "absent" }, targets: ["g"], edges: ["graph.g -> provider.embedding.m"] },
    ["applied", "deferred (not_targeted)", "applied", "deferred (not_targeted)"],
  ],
];

describe("a change", () => {
  test.each(ROWS)(
    "alone, %s with %j, is %s (spec/cluster 7.4, W14, W15, W17, W30)",
    (text, situation, verdict) => {
      expect(verdictsOf([text], situation)).toEqual([verdict]);
    },
  );

  test.each(TOGETHER)(
    "among others, %j with %j, is judged with them as %j (W1, W31)",
    (texts, situation, verdicts) => {
      expect(verdictsOf(texts, situation)).toEqual(verdicts);
    },
  );

  test("keeps the order of its fields, which is that of the JSON (spec/cluster 7.3)", () => {
    const binding = {
      ...change("update policy.p"),
      binding_change: true,
      metadata_change: "policy_bindings",
    } as const;
    const [classified] = classify({ ...inputsOf([], { targets: ["g"] }), changes: [binding] });

    expect(Object.keys(classified!)).toEqual([
      "resource",
      "operation",
      "before_digest",
      "after_digest",
      "disposition",
      "reason",
      "binding_change",
      "metadata_change",
    ]);
  });
});

describe("a gate", () => {
  test("stands before each graph delete and nothing else (W15)", () => {
    const changes = [
      "delete graph.g",
      "delete schema.g",
      "delete schema.h",
      "delete query.g.q",
      "delete policy.p",
    ];

    const { gates } = inputsOf(changes);
    expect(approvalsRequired(gates, NO_APPROVALS).map((each) => each.resource)).toEqual(["graph.g"]);
  });

  test("that is closed catches a change that is about to run (C1)", () => {
    const gated: Change = { ...change("delete graph.g"), disposition: "applied" };
    const { gates } = inputsOf(["delete graph.g"]);
    const closed = approvalsRequired(gates, NO_APPROVALS);
    const open = approvalsRequired(gates, { usable: new Set([gated.resource]), unusable: new Set() });

    const codes = gateViolations([gated], closed).map((each) => each.code);
    expect(codes).toEqual(["apply_approval_invariant_violation"]);
    expect(gateViolations([gated], open)).toEqual([]);
    expect(gateViolations([{ ...gated, disposition: "blocked" }], closed)).toEqual([]);
  });
});
