/** Random policy bundles that pass every check, with names chosen to be awkward for whoever has to escape them. */
import fc from "fast-check";
import { actionKind, conditionalBranch, POLICY_ACTIONS } from "../../lib/policy/action.ts";
import type { BranchScope, PolicyBundle, PolicyRule } from "../../lib/policy/bundle.ts";
import { BRANCH_SCOPES } from "../../lib/policy/bundle.ts";

export const ACTORS = [
  "ada",
  "bob",
  "iam-role:arn:aws:iam::012345678901:role/ci",
  'e"v\\e',
  "\u00fc\u{1f600}",
];
export const BRANCHES = ["main", "release", "feature/x", 'b"; permit(principal, action, resource);//'];
const GROUPS = ["staff", 'ad"mins', "\\ {group}", "adm\u0456n \u{1f600}"];
const RULE_IDS = ["a", "b", "B", "a:read", "__proto__", "10", "9", "\u00e9"];

const source = { file: "p.yaml", line: 1, column: 1 };
const BY_CONDITION = ["branch", "target_branch", "none"] as const;

/** What version 1 of the format knows nothing about. */
const PLAIN_RULE = {
  effect: "allow",
  query_scope: null,
  via: "any",
  change_scope: null,
  auth: null,
  lock_min_age_seconds: null,
} as const;

/** A rule on actions of `kind`, with a condition that all of them know, or none. */
function ruleOf(id: string, kind: "graph" | "server", groups: readonly string[]): fc.Arbitrary<PolicyRule> {
  return fc.constantFrom(...BY_CONDITION).chain((condition) => {
    const suited = POLICY_ACTIONS.filter(
      (action) =>
        actionKind(action) === kind && (condition === "none" || conditionalBranch(action) === condition),
    );
    const usable =
      suited.length > 0 ? suited : POLICY_ACTIONS.filter((action) => actionKind(action) === kind);
    const conditional = suited.length > 0 && condition !== "none";
    return fc
      .record({
        group: fc.constantFrom(...groups),
        actions: fc.uniqueArray(fc.constantFrom(...usable), { minLength: 1, maxLength: 3 }),
        scope: conditional ? fc.constantFrom<BranchScope | null>(null, ...BRANCH_SCOPES) : fc.constant(null),
      })
      .map(({ group, actions, scope }) => ({
        ...PLAIN_RULE,
        id,
        group,
        actions: actions.map((action) => ({ action, source })),
        branch_scope: condition === "branch" ? scope : null,
        target_branch_scope: condition === "target_branch" ? scope : null,
        source,
      }));
  });
}

/** A bundle with actions of `kind` only, as one that is bound to a scope of that kind must be. */
export function arbitraryBundle(kind: "graph" | "server"): fc.Arbitrary<PolicyBundle> {
  const groups = fc
    .uniqueArray(fc.constantFrom(...GROUPS), { minLength: 1 })
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc
            .array(fc.constantFrom(...ACTORS), { minLength: 1, maxLength: 4 })
            .map((members) => ({ name, members })),
        ),
      ),
    );
  return groups.chain((drawn) =>
    fc.record({
      version: fc.constant(1 as const),
      query_exposure: fc.constant("read_gated" as const),
      duties: fc.constant([]),
      groups: fc.constant(drawn),
      protected_branches: fc.uniqueArray(fc.constantFrom(...BRANCHES), { maxLength: 3 }),
      rules: fc.uniqueArray(fc.constantFrom(...RULE_IDS), { maxLength: 5 }).chain((ids) =>
        fc.tuple(
          ...ids.map((id) =>
            ruleOf(
              id,
              kind,
              drawn.map((group) => group.name),
            ),
          ),
        ),
      ),
    }),
  );
}
