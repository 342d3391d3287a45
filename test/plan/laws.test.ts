/** Laws of diff, gates and the next ledger, over random configs (reliability 6.5). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { finishLedger } from "../../lib/apply/finish-ledger.ts";
import { nextResources } from "../../lib/apply/next-resources.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { verifyComposites } from "../../lib/ledger/verify-composites.ts";
import { blastRadius } from "../../lib/plan/blast-radius.ts";
import type { Change, Disposition, RawChange } from "../../lib/plan/change.ts";
import { diffResources } from "../../lib/plan/diff.ts";
import { ledgerEdges } from "../../lib/plan/edges.ts";
import { gatesOf } from "../../lib/plan/gates.ts";
import { ALL_PEOPLE, desiredCluster, PERSON } from "../apply/cluster-files.ts";
import { anyDesired } from "./arbitrary-cluster.ts";
import { ledgerRecording } from "./changes.ts";

const RUNS = { numRuns: 100 };

function decided(changes: readonly RawChange[], dispositions: readonly Disposition[]): readonly Change[] {
  return changes.map((each, index) => {
    const disposition = dispositions[index % dispositions.length] ?? "applied";
    const runs = disposition === "applied" || disposition === "derived";
    if (!runs) return { ...each, disposition, reason: "dependency_not_applied" };
    const derived = each.resource.startsWith("graph.") && each.operation === "update";
    return { ...each, disposition: derived ? "derived" : "applied" };
  });
}

function withResources(
  state: LedgerState,
  resources: LedgerState["applied_revision"]["resources"],
): LedgerState {
  return { ...state, applied_revision: { ...state.applied_revision, resources } };
}

const anyDispositions = fc.array(fc.constantFrom<Disposition>("applied", "blocked", "deferred"), {
  minLength: 1,
  maxLength: 12,
});

describe("the diff", () => {
  test("of a config against the ledger that records it is empty", () => {
    fc.assert(
      fc.property(anyDesired, (desired) => {
        expect(desired.ok).toBe(true);
        expect(diffResources(desired, ledgerRecording(desired))).toEqual([]);
      }),
      RUNS,
    );
  });

  test("against no ledger creates everything, in the order of addresses", () => {
    fc.assert(
      fc.property(anyDesired, (desired) => {
        const changes = diffResources(desired, null);
        expect(changes.map((each) => each.resource)).toEqual([...desired.resources.keys()]);
        expect(changes.every((each) => each.operation === "create")).toBe(true);
      }),
      RUNS,
    );
  });

  test("does not depend on the order in which the ledger lists its entries", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, (before, after) => {
        const state = ledgerRecording(before);
        const reversed = Object.fromEntries(Object.entries(state.applied_revision.resources).reverse());
        expect(diffResources(after, withResources(state, reversed))).toEqual(diffResources(after, state));
      }),
      RUNS,
    );
  });

  test("once applied leaves nothing to do", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, (before, after) => {
        const state = ledgerRecording(before);
        const changes = decided(diffResources(after, state), ["applied"]);
        const next = nextResources(state.applied_revision.resources, after, changes);
        expect(diffResources(after, withResources(state, next))).toEqual([]);
      }),
      RUNS,
    );
  });

  test("sees a binding or a profile that the ledger does not record, as a change of metadata", () => {
    fc.assert(
      fc.property(anyDesired, (desired) => {
        const state = ledgerRecording(desired);
        const bare = Object.entries(state.applied_revision.resources).map(([address, entry]) =>
          /^(policy|provider)\./.test(address) ? [address, { digest: entry.digest }] : [address, entry],
        );
        const changes = diffResources(desired, withResources(state, Object.fromEntries(bare)));
        const expected = [...desired.resources.keys()].filter((each) => /^(policy|provider)\./.test(each));
        expect(changes.map((each) => each.resource)).toEqual(expected);
        expect(changes.every((each) => each.metadata_change !== undefined)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("the next ledger", () => {
  test("has true composites whatever ran and whatever did not (W1, W3, W31)", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, anyDispositions, (before, after, dispositions) => {
        const state = ledgerRecording(before);
        const changes = decided(diffResources(after, state), dispositions);
        const next = nextResources(state.applied_revision.resources, after, changes);
        expect(verifyComposites(withResources(state, next))).toEqual([]);
      }),
      RUNS,
    );
  });

  test("keeps provider binding and blob policy of a graph together while a change of it waits (W31)", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, anyDispositions, (before, after, dispositions) => {
        const { resources } = ledgerRecording(before).applied_revision;
        const changes = decided(diffResources(after, ledgerRecording(before)), dispositions);
        const next = nextResources(resources, after, changes);
        for (const each of changes) {
          const graph = /^(?:graph|schema)\.(.+)$/.exec(each.resource)?.[1];
          const entry = next[`graph.${graph}`];
          const known = resources[`graph.${graph}`];
          if (entry === undefined || known === undefined || each.disposition !== "blocked") continue;
          expect(entry.embedding_provider).toBe(known.embedding_provider);
          expect(entry.external_blob_policy).toEqual(known.external_blob_policy);
        }
      }),
      RUNS,
    );
  });

  test("is converged exactly if nothing is left to do, and only then records the config digest", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, anyDispositions, (before, after, dispositions) => {
        const state = ledgerRecording(before);
        const changes = decided(diffResources(after, state), dispositions);
        const facts = { state, desired: after, changes, results: [], used: [], root: "/cluster", at: "now" };
        const next = finishLedger(facts);
        const left = diffResources(after, next.state);
        expect(next.converged).toBe(left.length === 0);
        const digest = next.converged ? after.config_digest : before.config_digest;
        expect(next.state.applied_revision.config_digest).toBe(digest);
      }),
      RUNS,
    );
  });

  test("has a status for every resource and for every change that is blocked, and for nothing else (W24)", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, anyDispositions, (before, after, dispositions) => {
        const stale = { "query.gone.q": { status: "blocked" }, "graph.gone": { status: "drifted" } } as const;
        const state = { ...ledgerRecording(before), resource_statuses: stale };
        const changes = decided(diffResources(after, state), dispositions);
        const facts = { state, desired: after, changes, results: [], used: [], root: "/cluster", at: "now" };
        const { state: next } = finishLedger(facts);
        const blocked = changes.filter((each) => each.disposition === "blocked").map((each) => each.resource);
        const expected = new Set([...Object.keys(next.applied_revision.resources), ...blocked]);
        expect(new Set(Object.keys(next.resource_statuses))).toEqual(expected);
        for (const address of blocked) expect(next.resource_statuses[address]?.status).toBe("blocked");
      }),
      RUNS,
    );
  });
});

describe("gates and blast radius", () => {
  test("lose no gate when a destructive change is added, and gain none when a change goes", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, fc.nat(), (before, after, pick) => {
        const changes = diffResources(after, ledgerRecording(before));
        const fewer = changes.filter((_, index) => index !== pick % Math.max(1, changes.length));
        const gates = (list: readonly RawChange[]) =>
          gatesOf({ changes: list, graphs: new Map(), access: new Map(), access_widening: "gated" }).map(
            (each) => each.resource,
          );
        for (const gate of gates(fewer)) expect(gates(changes)).toContain(gate);
      }),
      RUNS,
    );
  });

  test("reach everything that depends on a change, through any number of steps (W32)", () => {
    fc.assert(
      fc.property(anyDesired, anyDesired, (before, after) => {
        const state = ledgerRecording(before);
        const edges = [...after.dependencies, ...ledgerEdges(state)];
        for (const { resource, affected } of blastRadius(diffResources(after, state), edges)) {
          const known = new Set([resource, ...affected]);
          for (const { from, to } of edges) if (known.has(to)) expect(known.has(from)).toBe(true);
          expect(affected).not.toContain(resource);
        }
      }),
      RUNS,
    );
  });

  test("of a deleted provider show what the ledger binds to it, two steps away (W32)", () => {
    const before = desiredCluster({
      graphs: { a: { schema: PERSON, queries: { all_people: ALL_PEOPLE }, provider: "small" } },
      providers: { small: "1" },
      policies: { staff: { applies_to: ["a"] } },
    });
    const after = desiredCluster({});
    const state = ledgerRecording(before);
    const edges = [...after.dependencies, ...ledgerEdges(state)];

    const radius = blastRadius(diffResources(after, state), edges);

    const row = radius.find((each) => each.resource === "provider.embedding.small");
    expect(row?.affected).toEqual(["graph.a", "policy.staff", "query.a.all_people", "schema.a"]);
  });
});
