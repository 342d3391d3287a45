/** Diagnostic codes of policy bundles (spec/policy 1.3). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const POLICY_CODES = {
  policy_shape: {
    severity: "error",
    summary: "A policy file does not have the shape of a policy bundle",
    why: "A misspelt or misplaced key must never widen access, so a bundle with anything unknown in it is refused as a whole.",
    fix: "Correct the YAML at this place; a bundle has `version`, `groups`, `protected_branches` and `rules`, and nothing else.",
  },
  policy_limit_exceeded: {
    severity: "error",
    summary: "A policy file exceeds a limit",
    why: "Every decision and every check costs time that grows with the bundle, so its size is bounded.",
    fix: "Split the bundle by graph, or name fewer groups, actors, branches and rules.",
  },
  policy_version: {
    severity: "error",
    summary: "A policy file has a version that is not supported",
    why: "Another version may give the same words another meaning.",
    fix: "Write `version: 1`, without quotes.",
  },
  policy_group_blank: {
    severity: "error",
    summary: "A policy group has a blank name",
    why: "A rule could not refer to the group.",
    fix: "Give the group a name, or remove it.",
  },
  policy_group_empty: {
    severity: "error",
    summary: "A policy group has no members",
    why: "A rule for the group would allow nobody anything, which is mostly a list that was lost.",
    fix: "List at least one actor id, or remove the group and the rules that name it.",
  },
  policy_actor_blank: {
    severity: "error",
    summary: "A policy group has a member without a name",
    why: "A blank actor id can never be the caller of a request.",
    fix: "Write the actor id, or remove the entry.",
  },
  policy_branch_blank: {
    severity: "error",
    summary: "A protected branch has a blank name",
    why: "A blank name protects no branch.",
    fix: "Write the exact name of the branch, or remove the entry.",
  },
  policy_rule_id_blank: {
    severity: "error",
    summary: "A policy rule has a blank id",
    why: "Decisions and audit records name the rule that allowed a request by its id.",
    fix: "Give the rule an id that no other rule of the bundle has.",
  },
  policy_rule_id_duplicate: {
    severity: "error",
    summary: "Two policy rules have the same id",
    why: "An audit record would not say which of the rules allowed a request.",
    fix: "Rename one of the rules.",
  },
  policy_rule_group_blank: {
    severity: "error",
    summary: "A policy rule names a blank group",
    why: "A rule without a group would allow nobody anything.",
    fix: "Write the name of a group of this bundle in `allow.actors.group`.",
  },
  policy_rule_group_unknown: {
    severity: "error",
    summary: "A policy rule names a group that does not exist",
    why: "The rule would allow nobody anything.",
    fix: "Add the group to `groups` of the same bundle, or correct the name; names are case-sensitive.",
  },
  policy_rule_actions_empty: {
    severity: "error",
    summary: "A policy rule lists no action",
    why: "The rule would allow nothing.",
    fix: "List at least one action, or remove the rule.",
  },
  policy_rule_action_duplicate: {
    severity: "error",
    summary: "A policy rule lists the same action twice",
    why: "Every pair of rule and action is one policy with its own id, and two of the same id cannot be told apart.",
    fix: "Remove the second mention of the action.",
  },
  policy_rule_scope_both: {
    severity: "error",
    summary: "A policy rule has two branch conditions",
    why: "No action knows both conditions, so one of them would silently mean nothing.",
    fix: "Keep one of the two, and put the actions of the other into a rule of their own.",
  },
  policy_rule_scope_action: {
    severity: "error",
    summary: "A policy rule puts a branch condition on an action that does not know it",
    why: "The condition would be about a branch that requests of this action do not have.",
    fix: "Use `branch_scope` with read, export and change only, `target_branch_scope` with schema_apply, branch_create, branch_delete and branch_merge only; move other actions to a rule without a condition.",
  },
  policy_rule_kind_mixed: {
    severity: "error",
    summary: "A policy rule mixes actions on the server with actions on a graph",
    why: "A bundle is bound either to the cluster or to graphs, so one half of the rule could never apply.",
    fix: "Split the rule in two, and put them into a bundle for the cluster and a bundle for the graphs.",
  },
  policy_wrong_kind: {
    severity: "error",
    summary: "A policy bundle is bound to the wrong kind of resource",
    why: "Bound like this, the action could never be allowed, however the rule reads.",
    fix: "Move server-scoped actions to a bundle with `applies_to: [cluster]` and per-graph actions to a bundle that names graphs.",
  },
  policy_cedar_invalid: {
    severity: "error",
    summary: "Cedar refuses the compiled policies",
    why: "A policy that does not pass strict validation may be skipped when a request is decided.",
    fix: "Report this as a defect of Graphform together with the bundle; every bundle that passes the other checks should compile.",
  },
  policy_group_unused: {
    severity: "warning",
    summary: "No rule names this policy group",
    why: "Its members are allowed nothing by it.",
    fix: "Add a rule for the group, or remove it.",
  },
  policy_rule_never_applies: {
    severity: "warning",
    summary: "A policy rule can never apply",
    why: "It asks for a protected branch, and the bundle protects none.",
    fix: "List the branches in `protected_branches`, or change the condition of the rule.",
  },
} as const satisfies Record<string, CatalogueEntry>;
