/** Who gains and who loses by changes of what spec/policy 5.2 adds, held against Cedar's own decisions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ControlAction, PolicyAction } from "../../lib/policy/action.ts";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import { createControlEngine } from "../../lib/policy/control.ts";
import type { PolicyRequest } from "../../lib/policy/decide.ts";
import { createPolicyEngine } from "../../lib/policy/decide.ts";
import type { AccessEntry } from "../../lib/policy/diff.ts";
import { diffAccess } from "../../lib/policy/diff.ts";
import { nameClasses } from "../../lib/policy/name-classes.ts";
import { isGlob, matchesName } from "../../lib/policy/query-scope.ts";
import { arbitraryFacts, arbitraryScopedBundle, CALLERS, CATALOG } from "./arbitrary-scopes.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E4 } from "./worked-examples.ts";

const SCOPE = { kind: "graph", graph: "kb" } as const;
const bind = (bundle: PolicyBundle, scope = "graph.kb") => ({ bundle, applies_to: [scope] });

/** Requests of every kind that rules about a graph tell apart. */
const REQUESTS: readonly Omit<PolicyRequest, "actor">[] = [
  ...(["list_query", "invoke_query"] as const).flatMap((action) => [
    { action },
    ...CATALOG.map((query) => ({ action, query })),
  ]),
  ...(["read", "change"] as const).flatMap((action) =>
    [true, false].flatMap((via_stored_query) =>
      ["main", "draft", null].map((branch) => ({ action, branch, via_stored_query })),
    ),
  ),
  { action: "export" },
];

function patternsOf(bundles: readonly PolicyBundle[], action: PolicyAction): readonly string[] {
  const rules = bundles
    .flatMap((bundle) => bundle.rules)
    .filter((rule) => rule.actions.some((each) => each.action === action));
  return rules.flatMap((rule) => [...(rule.query_scope?.names ?? []), ...(rule.query_scope?.except ?? [])]);
}

/** True if `entry` speaks of `request`; branches are left to the test of version 1, where all are protected alike. */
function covers(
  entry: AccessEntry,
  request: Omit<PolicyRequest, "actor">,
  bundles: readonly PolicyBundle[],
): boolean {
  if (entry.action !== request.action) return false;
  if (entry.via !== undefined && (entry.via === "stored") !== (request.via_stored_query === true))
    return false;
  if (!coversBranch(entry, request, bundles)) return false;
  const { query } = request;
  if (entry.queries === undefined) return true;
  if (!query) return entry.coarse === true;
  const patterns = new Set(patternsOf(bundles, request.action));
  const exact = patterns.has(query.name) && !isGlob(query.name);
  const fitting = exact
    ? [query.name]
    : [...patterns].filter((each) => isGlob(each) && matchesName(each, query.name)).sort();
  return entry.queries.some(
    (each) =>
      JSON.stringify(each.patterns) === JSON.stringify(fitting) &&
      (each.kind === "any" || (each.kind === "mutation") === query.mutation),
  );
}

function coversBranch(
  { branches }: AccessEntry,
  { branch }: Omit<PolicyRequest, "actor">,
  bundles: readonly PolicyBundle[],
): boolean {
  const [was, is] = bundles.map((bundle) => branch != null && bundle.protected_branches.includes(branch));
  switch (branches.kind) {
    case "any":
      return true;
    case "none":
      return branch == null;
    case "protected":
      return was === true && is === true;
    case "unprotected":
      return branch != null && !was && !is;
    case "named":
      return branches.branch === branch;
  }
}

const withoutClaims = (bundle: PolicyBundle): PolicyBundle => ({
  ...bundle,
  groups: bundle.groups.map((group) => ({
    ...group,
    members: group.members.map((member) => (member.startsWith("jwt-group:") ? "dee" : member)),
  })),
});

/** Asserts that `says` the flips from `old` to `now`, or with `careful`, that it says at least them. */
function hold(asked: string, says: boolean, flips: boolean, careful: boolean): void {
  if (careful && says && !flips) return;
  expect([asked, says]).toEqual([asked, flips]);
}

function holdGraphDiff(before: PolicyBundle, after: PolicyBundle, callers: typeof CALLERS, careful: boolean) {
  const diff = diffAccess(bind(before), bind(after));
  const bundles = [before, after];
  const requests = callers.flatMap((caller) => REQUESTS.map((request) => ({ caller, request })));
  const decide = (bundle: PolicyBundle) => {
    const engine = createPolicyEngine(bundle, SCOPE);
    return requests.map(({ caller, request }) => engine.decide({ ...caller, ...request }).tag === "allow");
  };
  const [was, is] = [decide(before), decide(after)];
  requests.forEach(({ caller, request }, index) => {
    const names = [caller.actor, ...caller.claim_groups];
    const says = (entries: readonly AccessEntry[]) =>
      entries.some(
        (each) => each.actors.some((actor) => names.includes(actor)) && covers(each, request, bundles),
      );
    const asked = `${names.join(" ")} ${JSON.stringify(request)}`;
    hold(`${asked} gains`, says(diff.gains), is[index] === true && !was[index], careful);
    hold(`${asked} loses`, says(diff.losses), was[index] === true && !is[index], careful);
  });
}

test("without group claims the diff says gain or loss exactly where Cedar's decision about a graph flips", () => {
  const bundle = arbitraryScopedBundle("graph").map(withoutClaims);
  const people = CALLERS.filter((caller) => caller.claim_groups.length === 0);
  fc.assert(
    fc.property(bundle, bundle, (before, after) => holdGraphDiff(before, after, people, false)),
    { numRuns: 15 },
  );
});

test("with group claims the diff misses no flip of Cedar's decision about a graph", () => {
  const bundle = arbitraryScopedBundle("graph");
  fc.assert(
    fc.property(bundle, bundle, (before, after) => holdGraphDiff(before, after, CALLERS, true)),
    { numRuns: 15 },
  );
});

const CONTROL: readonly ControlAction[] = [
  "cluster_apply",
  "cluster_approve",
  "cluster_force_unlock",
  "cluster_plan",
];

test("the diff misses no flip of Cedar's decision about the control plane", () => {
  const bundle = arbitraryScopedBundle("cluster");
  fc.assert(
    fc.property(
      bundle,
      bundle,
      fc.array(arbitraryFacts, { minLength: 1, maxLength: 3 }),
      (before, after, drawn) => {
        const diff = diffAccess(bind(before, "cluster"), bind(after, "cluster"));
        const [was, is] = [createControlEngine(before, "c"), createControlEngine(after, "d")];
        for (const caller of CALLERS) {
          const names = [caller.actor, ...caller.claim_groups];
          for (const action of CONTROL) {
            const says = (entries: readonly AccessEntry[]) =>
              entries.some(
                (each) => each.action === action && each.actors.some((actor) => names.includes(actor)),
              );
            for (const facts of drawn) {
              const old = was.decide({ ...caller, action, facts }).tag === "allow";
              const now = is.decide({ ...caller, action, facts }).tag === "allow";
              const asked = `${names.join(" ")} ${action} ${JSON.stringify(facts)}`;
              hold(`${asked} gains`, says(diff.gains), now && !old, true);
              hold(`${asked} loses`, says(diff.losses), old && !now, true);
            }
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

test.each(["graph", "cluster"] as const)("a %s bundle compared to itself changes nobody's access", (kind) => {
  fc.assert(
    fc.property(arbitraryScopedBundle(kind), (bundle) => {
      expect(diffAccess(bind(bundle), bind(structuredClone(bundle)))).toEqual({ gains: [], losses: [] });
    }),
    { numRuns: 100 },
  );
});

const graphBundle = (rules: string) =>
  bind(parsedBundle(`version: 1\nquery_exposure: policy\ngroups: {g: [ada]}\nrules:\n${rules}`));
const invoke = (scope: string, effect = "allow") =>
  `  - {id: ${effect}, ${effect}: {actors: {group: g}, actions: [invoke_query]${scope === "" ? "" : `, query_scope: ${scope}`}}}\n`;

test("a narrowed query scope is told by the names that are lost", () => {
  const diff = diffAccess(
    graphBundle(invoke('{names: ["crm_*", find]}')),
    graphBundle(invoke('{names: ["crm_*"], except: ["*_debug"], kind: read}')),
  );

  expect(diff.gains).toEqual([]);
  expect(diff.losses).toEqual([
    {
      action: "invoke_query",
      scopes: ["graph.kb"],
      branches: { kind: "any" },
      queries: [
        { patterns: ["find"], kind: "any" },
        { patterns: ["crm_*"], kind: "mutation" },
        { patterns: ["*_debug", "crm_*"], kind: "any" },
      ],
      actors: ["ada"],
    },
  ]);
});

test("a kill switch is told as the one query that everybody loses, and as nothing gained", () => {
  const diff = diffAccess(
    graphBundle(invoke("")),
    graphBundle(invoke("") + invoke("{names: [export_contacts]}", "deny")),
  );

  expect(diff.gains).toEqual([]);
  expect(diff.losses).toMatchObject([{ queries: [{ patterns: ["export_contacts"], kind: "any" }] }]);
});

test("a grant that is limited to stored queries loses what inline text could do", () => {
  const read = (via: string) =>
    graphBundle(`  - {id: r, allow: {actors: {group: g}, actions: [read], via: ${via}}}\n`);

  expect(diffAccess(read("any"), read("stored")).losses).toEqual([
    {
      action: "read",
      scopes: ["graph.kb"],
      branches: { kind: "any" },
      via: "inline",
      actors: ["ada"],
    },
  ]);
});

test("a duty that goes and a scope that widens are gains of those who apply, each by its name", () => {
  const diff = diffAccess(
    bind(parsedBundle(E4), "cluster"),
    bind(
      parsedBundle(
        E4.replace(", max_tier: recoverable_rewrite", "").replace(/ {2}- \{ id: policy-needs-two.*\n/, ""),
      ),
      "cluster",
    ),
  );

  expect(diff.losses).toEqual([]);
  expect(diff.gains.map(({ action, actors, because }) => ({ action, actors, because }))).toEqual([
    {
      action: "cluster_apply",
      actors: ["iam-role:arn:aws:iam::111122223333:role/kg-ci"],
      because: ["ci-converges-safe", "duty/policy-needs-two"],
    },
    { action: "cluster_apply", actors: ["act-carol", "act-dan"], because: ["duty/policy-needs-two"] },
  ]);
});

test("names fall into every combination of globs that a name can fit, and each has a witness", () => {
  const classes = nameClasses(["crm_*", "*_debug", "find", "crm_*"]) ?? [];

  expect(classes.map((each) => each.patterns)).toEqual([
    ["find"],
    [],
    ["crm_*"],
    ["*_debug"],
    ["*_debug", "crm_*"],
  ]);
  for (const { patterns, witness } of classes) {
    const fitting = ["*_debug", "crm_*"].filter((glob) => matchesName(glob, witness));
    expect(witness === "find" ? ["find"] : fitting).toEqual(patterns);
  }
});

test("globs that are too entangled to be taken apart are told as a whole, for whoever is under other rules", () => {
  const globs = Array.from({ length: 40 }, (_, index) => `"*q${index}*"`).join(", ");

  expect(nameClasses(Array.from({ length: 40 }, (_, index) => `*q${index}*`))).toBeNull();
  const before = graphBundle(invoke(`{names: [${globs}]}`));
  const after = graphBundle(invoke(`{names: [${globs}, extra]}`));
  const told = { action: "invoke_query", branches: { kind: "any" }, actors: ["ada"] };
  expect(diffAccess(before, after)).toMatchObject({ gains: [told], losses: [told] });
  expect(diffAccess(before, structuredClone(before))).toEqual({ gains: [], losses: [] });
});
