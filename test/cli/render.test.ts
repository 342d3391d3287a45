/** What people read is short enough to be read, and says what to do: long lists folded, advice once, words quoted. */
import { describe, expect, it } from "vitest";
import { commandLine } from "../../cli/render/command-line.ts";
import { commitLines } from "../../cli/render/render-commit.ts";
import { renderDiagnostics } from "../../cli/render/render-diagnostics.ts";
import { renderPlan } from "../../cli/render/render-plan.ts";
import { unsettledLines } from "../../cli/render/render-unsettled.ts";
import { styleFor } from "../../cli/style.ts";
import type { Address } from "../../lib/desired/address.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { CommitSummary } from "../../lib/observe/last-commits.ts";
import type { Change } from "../../lib/plan/change.ts";

const PLAIN = styleFor(false, undefined);

function queries(count: number, facts: Omit<Change, "resource">): readonly Change[] {
  return Array.from({ length: count }, (_, index) => ({
    resource: `query.brain.q${index}` as Address,
    ...facts,
  }));
}

describe("A plan as text", () => {
  it("lists a few queries one by one and folds many, with their number and the first names", () => {
    const few = renderPlan(
      { changes: queries(12, { operation: "create", disposition: "applied" }), blast_radius: [] },
      PLAIN,
    );
    expect(few.filter((line) => line.includes("query.brain.q"))).toHaveLength(12);
    const many = renderPlan(
      { changes: queries(105, { operation: "create", disposition: "applied" }), blast_radius: [] },
      PLAIN,
    );
    expect(many).toContain("  + query.brain.*  105 queries (q0, q1, q2, ...)");
    expect(many.at(-1)).toBe("Plan: 105 to create, 0 to update, 0 to delete.");
  });

  it("says what each symbol means, what blocked changes would do, and each advice once", () => {
    const facts = { operation: "update", disposition: "blocked", reason: "dependency_not_applied" } as const;
    const blocked = queries(2, facts);
    const running: Change = {
      resource: "policy.base" as Address,
      operation: "delete",
      disposition: "applied",
    };
    const lines = renderPlan({ changes: [running, ...blocked], blast_radius: [] }, PLAIN);
    expect(lines[0]).toBe("  - delete   x blocked");
    expect(lines).toContain("  x query.brain.q0  to update");
    expect(lines.filter((line) => line.includes("to do:"))).toHaveLength(1);
    expect(lines.at(-1)).toBe("Plan: 0 to create, 0 to update, 1 to delete, 2 blocked or deferred.");
  });

  it("says of access that changes through which queries, by which rule and for whom", () => {
    const change: Change = {
      resource: "policy.base" as Address,
      operation: "update",
      disposition: "applied",
      access: {
        gains: [
          {
            action: "invoke_query",
            scopes: ["graph.brain"],
            branches: { kind: "any" },
            queries: [
              { patterns: ["find"], kind: "any" },
              { patterns: ["*_x", "crm_*"], kind: "mutation" },
              { patterns: [], kind: "any" },
            ],
            coarse: true,
            actors: ["ada"],
          },
          {
            action: "read",
            scopes: ["graph.brain"],
            branches: { kind: "named", branch: "main" },
            via: "stored",
            actors: ["ada"],
          },
        ],
        losses: [
          {
            action: "cluster_apply",
            scopes: ["cluster"],
            branches: { kind: "any" },
            because: ["duty/two"],
            actors: ["bob"],
          },
        ],
      },
    };
    expect(renderPlan({ changes: [change], blast_radius: [] }, PLAIN).slice(3, 6)).toEqual([
      "      gains invoke_query on graph.brain (find, *_x and crm_* if a mutation, all other queries, the graph as a whole): ada",
      "      gains read on graph.brain (main branches, through stored queries): ada",
      "      loses cluster_apply on cluster (by duty/two): bob",
    ]);
  });

  it("names what a change affects only if the plan does not change that as well", () => {
    const change: Change = {
      resource: "schema.brain" as Address,
      operation: "update",
      disposition: "applied",
    };
    const [query] = queries(1, { operation: "update", disposition: "applied" });
    const affected = ["query.brain.q0", "query.brain.other", "policy.base"] as Address[];
    const plan = { changes: [change, query!], blast_radius: [{ resource: change.resource, affected }] };
    expect(renderPlan(plan, PLAIN)).toContain("      affects policy.base, query.brain.other");
  });
});

describe("Diagnostics as text", () => {
  it("keep every error of a file and fold warnings that repeat, with their number", () => {
    const errors = Array.from({ length: 30 }, (_, index) =>
      diagnostic("query_typecheck_error", { path: `q${index}`, message: "wrong" }),
    );
    const warnings = Array.from({ length: 30 }, (_, index) =>
      diagnostic("query_typecheck_skipped", { path: `q${index}`, message: "skipped" }),
    );
    const lines = renderDiagnostics([...warnings, ...errors], PLAIN);
    expect(lines.filter((line) => line.startsWith("ERROR"))).toHaveLength(30);
    expect(lines.filter((line) => line.startsWith("WARN"))).toHaveLength(4);
    expect(lines.at(-1)).toBe("      ... and 26 more query_typecheck_skipped; --json lists all of them");
    expect(lines.filter((line) => line.includes("fix:"))).toHaveLength(2);
  });
});

describe("Statuses as text", () => {
  const graph = { status: "drifted", conditions: ["graph_missing"], message: "No graph is live." } as const;

  it("call a declared graph that never was not there, and one that the ledger knows drifted", () => {
    const output = { resource_statuses: { "graph.a": graph, "schema.a": graph }, observations: {} };
    expect(unsettledLines({ ...output, resource_digests: {} }, PLAIN)).toEqual([
      "  not there: graph.a (the next apply creates what is declared)",
    ]);
    const known = { ...output, resource_digests: { "query.a.one": "0" } };
    expect(unsettledLines(known, PLAIN)[0]).toBe("  drifted graph.a (graph_missing): No graph is live.");
  });

  it("fold what shares one fate, and take the reason of an observation where there is no message", () => {
    const many = Object.fromEntries(
      queries(9, { operation: "create", disposition: "applied" }).map((each) => [
        each.resource,
        { status: "blocked", conditions: ["dependency_not_applied"] } as const,
      ]),
    );
    const lines = unsettledLines({ resource_statuses: many, resource_digests: {}, observations: {} }, PLAIN);
    expect(lines).toEqual([
      "  blocked 9 resources (dependency_not_applied): query.brain.q0, query.brain.q1, query.brain.q2, ...",
    ]);
    const error = {
      resource_statuses: { "graph.a": { status: "error" } as const },
      resource_digests: { "graph.a": "0" },
      observations: { "graph.a": { error: "disk gone" } },
    };
    expect(unsettledLines(error, PLAIN)).toEqual(["  error graph.a: disk gone"]);
  });
});

describe("A commit as text", () => {
  it("says which revision, what kind of run, who, when, by which plan, and what it changed", () => {
    const address = (name: string) =>
      ({
        address: name,
        operation: "create",
        before_digest: null,
        after_digest: "0",
        operation_id: null,
      }) as const;
    const commit = {
      ...{
        revision: 7,
        commit_id: "C",
        kind: "final",
        at: "2026-06-10T09:00:00Z",
        actor: "ana",
        trigger: "cli",
      },
      ...{ run_id: "R", plan_id: "P", config_digest: null },
      changes: ["a", "b", "c", "d"].map(address),
    } as unknown as CommitSummary;
    expect(commitLines("last commit", commit)).toEqual([
      "  last commit: revision 7, apply by ana, 2026-06-10T09:00:00Z",
      "    run R, plan P",
      "    create a, b, c and 1 more",
    ]);
  });
});

describe("A command as text", () => {
  it("can be copied into a shell, whatever the folder is called", () => {
    expect(commandLine(".", "plan")).toBe("graphform plan");
    expect(commandLine("infra/brain", "apply", "--plan", "p")).toBe(
      "graphform apply --config infra/brain --plan p",
    );
    expect(commandLine("it's #1", "plan")).toBe("graphform plan --config 'it'\\''s #1'");
  });
});
