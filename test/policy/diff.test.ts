/** Who gains and who loses by a change of policy (spec/policy 5.10), held against Cedar's own decisions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicyAction } from "../../lib/policy/action.ts";
import { actionKind, conditionalBranch, POLICY_ACTIONS } from "../../lib/policy/action.ts";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import type { AccessEntry, BoundBundle } from "../../lib/policy/diff.ts";
import { diffAccess, diffClusterAccess, widens } from "../../lib/policy/diff.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";
import { ACTORS, arbitraryBundle, BRANCHES } from "./arbitrary-bundle.ts";

function bound(
  rules: string,
  options: { branches?: string; members?: string; applies_to?: string[] } = {},
): BoundBundle {
  const text = `version: 1
groups: { staff: [${options.members ?? "ada, bob"}] }
protected_branches: [${options.branches ?? "main"}]
rules:${rules}`;
  const parsed = parsePolicy(text, "p.yaml");
  if (parsed.tag === "invalid") expect.unreachable(JSON.stringify(parsed.diagnostics));
  return { bundle: parsed.bundle, applies_to: options.applies_to ?? ["graph.crm"] };
}

const rule = (body: string) => `\n  - { id: r, allow: { actors: { group: staff }, ${body} } }`;
const change = (scope: string) => rule(`actions: [change], branch_scope: ${scope}`);

test("a first bundle only gains, for every actor that it names", () => {
  const diff = diffAccess(null, bound(change("unprotected")));

  expect(diff).toEqual({
    gains: [
      { action: "change", scopes: ["graph.crm"], branches: { kind: "unprotected" }, actors: ["ada", "bob"] },
    ],
    losses: [],
  });
  expect(widens(diff)).toBe(true);
});

test("a removed bundle only loses, which widens nothing", () => {
  const diff = diffAccess(bound(change("any")), null);

  expect(diff.losses).toEqual([
    { action: "change", scopes: ["graph.crm"], branches: { kind: "any" }, actors: ["ada", "bob"] },
  ]);
  expect(widens(diff)).toBe(false);
});

test("nothing to nothing, and a bundle to itself, change nobody's access", () => {
  const same = bound(change("any"));

  expect(diffAccess(null, null)).toEqual({ gains: [], losses: [] });
  expect(diffAccess(same, { ...same, bundle: structuredClone(same.bundle) })).toEqual({
    gains: [],
    losses: [],
  });
});

test("a looser condition gains exactly the branches that it adds", () => {
  const diff = diffAccess(bound(change("protected")), bound(change("any")));

  expect(diff.gains.map((each) => each.branches.kind)).toEqual(["unprotected", "none"]);
  expect(diff.losses).toEqual([]);
});

test("a branch that is no longer protected is named, for who gains and who loses it", () => {
  const before = bound(change("unprotected"), { branches: "main, release" });
  const after = bound(change("unprotected"), { branches: "main" });

  expect(diffAccess(before, after).gains).toEqual([
    {
      action: "change",
      scopes: ["graph.crm"],
      branches: { kind: "named", branch: "release" },
      actors: ["ada", "bob"],
    },
  ]);
  expect(diffAccess(after, before).losses).toEqual(diffAccess(before, after).gains);
});

test("a condition on protected branches grants nothing where none is protected", () => {
  expect(diffAccess(null, bound(change("protected"), { branches: "" }))).toEqual({ gains: [], losses: [] });
});

test("a new member gains, a dropped one loses, and one who stays is not mentioned", () => {
  const diff = diffAccess(
    bound(rule("actions: [admin]")),
    bound(rule("actions: [admin]"), { members: "bob, cleo" }),
  );

  expect(diff.gains.map((each) => each.actors)).toEqual([["cleo"]]);
  expect(diff.losses.map((each) => each.actors)).toEqual([["ada"]]);
});

test("a graph that is bound in addition gains alone, and equal graphs share an entry", () => {
  const before = bound(rule("actions: [admin]"), { applies_to: ["graph.crm"] });
  const after = { bundle: before.bundle, applies_to: ["graph.kb", "graph.crm", "graph.hr"] };

  expect(diffAccess(before, after).gains).toEqual([
    { action: "admin", scopes: ["graph.hr", "graph.kb"], branches: { kind: "any" }, actors: ["ada", "bob"] },
  ]);
});

test("a graph that moves from one bundle to another is compared across both", () => {
  const loose = bound(rule("actions: [read, admin]"));
  const tight = bound(rule("actions: [read]"));

  const diff = diffClusterAccess([loose], [{ ...loose, applies_to: ["graph.kb"] }, tight]);

  expect(diff.losses).toMatchObject([{ action: "admin", scopes: ["graph.crm"] }]);
  expect(diff.gains.map((each) => each.scopes)).toEqual([["graph.kb"], ["graph.kb"]]);
});

/** One branch of each kind that matters, and none. */
const PROBES: readonly (string | null)[] = [null, ...BRANCHES, "some-other-branch"];

/** True if `entry` speaks of a request on `branch`. */
function covers(
  entry: AccessEntry,
  branch: string | null,
  before: PolicyBundle | null,
  after: PolicyBundle | null,
): boolean {
  const was = branch !== null && (before ?? after)!.protected_branches.includes(branch);
  const is = branch !== null && (after ?? before)!.protected_branches.includes(branch);
  switch (entry.branches.kind) {
    case "any":
      return true;
    case "none":
      return branch === null;
    case "protected":
      return was && is;
    case "unprotected":
      return branch !== null && !was && !is;
    case "named":
      return entry.branches.branch === branch;
  }
}

function requestOn(actor: string, action: PolicyAction, branch: string | null) {
  const role = conditionalBranch(action);
  return {
    actor,
    action,
    branch: role === "branch" ? branch : "main",
    target_branch: role === "target_branch" ? branch : null,
  };
}

test.each(["graph", "server"] as const)(
  "the diff of %s bundles says gain or loss exactly where Cedar's decision flips",
  (kind) => {
    const scope = kind === "graph" ? ({ kind, graph: "crm" } as const) : ({ kind } as const);
    const applies_to = [kind === "graph" ? "graph.crm" : "cluster"];
    const side = fc.option(arbitraryBundle(kind), { freq: 8 });
    fc.assert(
      fc.property(side, side, (before, after) => {
        const bind = (bundle: PolicyBundle | null) => (bundle === null ? null : { bundle, applies_to });
        const allows = (bundle: PolicyBundle | null) => {
          const engine = bundle === null ? null : createPolicyEngine(bundle, scope);
          return (request: Parameters<NonNullable<typeof engine>["decide"]>[0]) =>
            engine?.decide(request).tag === "allow";
        };
        const actions = POLICY_ACTIONS.filter((action) => actionKind(action) === kind);
        const requests = ACTORS.flatMap((actor) =>
          actions.flatMap((action) => PROBES.map((branch) => ({ actor, action, branch }))),
        );
        const decideAll = (bundle: PolicyBundle | null) => {
          const decide = allows(bundle);
          return requests.map(({ actor, action, branch }) => decide(requestOn(actor, action, branch)));
        };

        const diff = diffAccess(bind(before), bind(after));
        const was = decideAll(before);
        const is = decideAll(after);

        requests.forEach(({ actor, action, branch }, index) => {
          const says = (entries: readonly AccessEntry[]) =>
            entries.some(
              (each) =>
                each.action === action && each.actors.includes(actor) && covers(each, branch, before, after),
            );
          expect(says(diff.gains)).toBe(!was[index] && is[index]);
          expect(says(diff.losses)).toBe(was[index] && !is[index]);
        });
      }),
      { numRuns: kind === "graph" ? 25 : 20 },
    );
  },
);

test("a diff turned round swaps gains and losses, and never depends on the order of groups, members or rules", () => {
  const shuffled = (bundle: PolicyBundle): PolicyBundle => ({
    ...bundle,
    groups: [...bundle.groups]
      .reverse()
      .map((group) => ({ ...group, members: [...group.members].reverse() })),
    rules: [...bundle.rules].reverse(),
    protected_branches: [...bundle.protected_branches].reverse(),
  });
  const bind = (bundle: PolicyBundle) => ({ bundle, applies_to: ["graph.crm"] });
  fc.assert(
    fc.property(arbitraryBundle("graph"), arbitraryBundle("graph"), (before, after) => {
      const diff = diffAccess(bind(before), bind(after));

      expect(diffAccess(bind(after), bind(before))).toEqual({ gains: diff.losses, losses: diff.gains });
      expect(diffAccess(bind(shuffled(before)), bind(shuffled(after)))).toEqual(diff);
      expect(diffAccess(bind(before), bind(shuffled(before)))).toEqual({ gains: [], losses: [] });
    }),
    { numRuns: 300 },
  );
});
