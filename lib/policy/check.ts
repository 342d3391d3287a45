/**
 * The checks of a policy bundle that has the right shape (spec/policy 1.3, rows 3 to 16, and 5.2), and what is worth a
 * warning.
 *
 * Guarantees: pure; every breach is reported, each at the value that is wrong. A draft that passes without an error
 * compiles to policies that Cedar's strict validation accepts.
 */
import type { Diagnostic, DiagnosticCode } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { PolicyAction } from "./action.ts";
import { actionKind, conditionalBranch, isControlAction } from "./action.ts";
import type { BranchScope } from "./bundle.ts";
import { CLAIM_GROUP_PREFIX } from "./bundle.ts";
import { checkDuties, checkExposure, checkRuleScopes, lintExposure } from "./check-scopes.ts";
import type { BundleDraft, GroupDraft, RuleDraft } from "./draft.ts";
import { POLICY_GLOBS_MAX, POLICY_NAMES_MAX, POLICY_RULES_MAX } from "./limits.ts";
import { isGlob } from "./query-scope.ts";
import type { ListDraft } from "./scope-draft.ts";
import type { Located } from "./yaml-reader.ts";

/** Everything that is wrong with `draft`. */
export function checkDraft(draft: BundleDraft): readonly Diagnostic[] {
  return [
    ...checkLimits(draft),
    ...(draft.groups ?? []).flatMap(checkGroup),
    ...blanks(draft.protected_branches, "policy_branch_blank", "protected branch names must not be blank"),
    ...checkRuleIds(draft.rules),
    ...draft.rules.flatMap((rule) => checkRule(rule, draft.groups)),
    ...checkExposure(draft.rules, draft.query_exposure),
    ...checkDuties(draft.duties),
  ];
}

/** What is worth a warning in a draft without errors; beside errors most of it would be an echo of them. */
export function lintDraft(draft: BundleDraft): readonly Diagnostic[] {
  return [...findUnusedGroups(draft), ...findIdleRules(draft), ...lintExposure(draft)];
}

function problem(code: DiagnosticCode, place: Located<unknown>, message: string): Diagnostic {
  return diagnostic(code, { path: place.path, message, source: place.source });
}

function checkLimits(draft: BundleDraft): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const excessRule = draft.rules[POLICY_RULES_MAX];
  if (excessRule !== undefined) {
    found.push(
      problem(
        "policy_limit_exceeded",
        excessRule.place,
        `the bundle has more than ${POLICY_RULES_MAX} rules`,
      ),
    );
  }
  const names = new Set<string>();
  for (const name of namesOf(draft)) {
    names.add(name.value);
    if (names.size <= POLICY_NAMES_MAX) continue;
    const message = `the bundle names more than ${POLICY_NAMES_MAX} groups, actors, branches, queries, graphs and duties`;
    found.push(problem("policy_limit_exceeded", name, message));
    break;
  }
  const excessGlob = queryNamesOf(draft).filter((name) => isGlob(name.value))[POLICY_GLOBS_MAX];
  if (excessGlob !== undefined) {
    const message = `the bundle has more than ${POLICY_GLOBS_MAX} query names with a *`;
    found.push(problem("policy_limit_exceeded", excessGlob, message));
  }
  const excessDuty = draft.duties[POLICY_RULES_MAX];
  if (excessDuty !== undefined) {
    const message = `the bundle has more than ${POLICY_RULES_MAX} duties`;
    found.push(problem("policy_limit_exceeded", excessDuty.place, message));
  }
  return found;
}

function namesOf(draft: BundleDraft): readonly Located<string>[] {
  const groups = draft.groups ?? [];
  return [
    ...groups.map((group) => group.name),
    ...groups.flatMap((group) => group.members?.value ?? []),
    ...draft.protected_branches,
    ...queryNamesOf(draft),
    ...[...draft.rules, ...draft.duties].flatMap((each) => each.change_scope?.graphs?.value ?? []),
    ...draft.rules.flatMap((rule) => rule.auth?.amr_any?.value ?? []),
    ...draft.duties.flatMap((duty) => duty.id ?? []),
  ];
}

function queryNamesOf(draft: BundleDraft): readonly Located<string>[] {
  return draft.rules.flatMap((rule) => [
    ...(rule.query_scope?.names?.value ?? []),
    ...(rule.query_scope?.except?.value ?? []),
  ]);
}

function blanks(
  texts: readonly Located<string>[],
  code: DiagnosticCode,
  message: string,
): readonly Diagnostic[] {
  return texts.filter((text) => text.value.trim() === "").map((text) => problem(code, text, message));
}

function checkGroup(group: GroupDraft): readonly Diagnostic[] {
  const name = group.name.value;
  const found = [...blanks([group.name], "policy_group_blank", "group names must not be blank")];
  if (group.members?.listed === 0) {
    found.push(problem("policy_group_empty", group.name, `group '${name}' must not be empty`));
  }
  found.push(
    ...blanks(group.members?.value ?? [], "policy_actor_blank", `group '${name}' contains a blank actor id`),
  );
  for (const member of group.members?.value ?? []) {
    if (!member.value.startsWith(CLAIM_GROUP_PREFIX) || CLAIM_GROUP.test(member.value)) continue;
    const message = `group '${name}' contains '${member.value}', expected ${CLAIM_GROUP_PREFIX}<issuer alias>/<value>`;
    found.push(problem("policy_claim_group", member, message));
  }
  return found;
}

const CLAIM_GROUP = /^jwt-group:[^/\s]+\/.*\S/;

function checkRuleIds(rules: readonly RuleDraft[]): readonly Diagnostic[] {
  const first = new Map<string, Located<string>>();
  const found: Diagnostic[] = [];
  for (const { id } of rules) {
    if (id === null) continue;
    const earlier = first.get(id.value);
    if (id.value.trim() === "") found.push(problem("policy_rule_id_blank", id, "rule ids must not be blank"));
    else if (earlier === undefined) first.set(id.value, id);
    else {
      const message = `duplicate policy rule id '${id.value}', first used in line ${earlier.source.line}`;
      found.push(problem("policy_rule_id_duplicate", id, message));
    }
  }
  return found;
}

function checkRule(rule: RuleDraft, groups: readonly GroupDraft[] | null): readonly Diagnostic[] {
  const label = rule.id === null ? `policy rule ${rule.place.path}` : `policy rule '${rule.id.value}'`;
  return [
    ...checkGroupReference(rule.group, groups, label),
    ...(rule.actions === null ? [] : checkActions(rule.actions, label)),
    ...checkScopes(rule, label),
    ...checkRuleScopes(rule, label),
    ...checkReservedId(rule, label),
  ];
}

/** A rule with the name of a duty could take the place of that duty's policy. */
function checkReservedId({ id, actions }: RuleDraft, label: string): readonly Diagnostic[] {
  if (id === null || !id.value.startsWith("duty/")) return [];
  if (!actions?.value.some((action) => isControlAction(action.value))) return [];
  const message = `${label} has an id that begins with 'duty/', which names duties`;
  return [problem("policy_rule_id_reserved", id, message)];
}

function checkGroupReference(
  group: Located<string> | null,
  groups: readonly GroupDraft[] | null,
  label: string,
): readonly Diagnostic[] {
  if (group === null) return [];
  if (group.value.trim() === "") {
    return [problem("policy_rule_group_blank", group, `${label} must reference a non-blank group`)];
  }
  if (groups === null || groups.some((each) => each.name.value === group.value)) return [];
  return [problem("policy_rule_group_unknown", group, `${label} references unknown group '${group.value}'`)];
}

function checkActions(actions: ListDraft<PolicyAction>, label: string): readonly Diagnostic[] {
  if (actions.listed === 0) {
    return [problem("policy_rule_actions_empty", actions, `${label} must include at least one action`)];
  }
  const found: Diagnostic[] = [];
  const seen = new Set<PolicyAction>();
  for (const action of actions.value) {
    if (seen.has(action.value)) {
      found.push(
        problem("policy_rule_action_duplicate", action, `${label} lists the action '${action.value}' twice`),
      );
    }
    seen.add(action.value);
  }
  const server = actions.value.find((each) => actionKind(each.value) !== "graph");
  const graph = actions.value.find((each) => actionKind(each.value) === "graph");
  if (server !== undefined && graph !== undefined) {
    const message = `${label} mixes the server-scoped action '${server.value}' with the per-graph action '${graph.value}'; split into separate rules`;
    found.push(problem("policy_rule_kind_mixed", server, message));
  }
  return found;
}

function checkScopes(rule: RuleDraft, label: string): readonly Diagnostic[] {
  const { branch_scope: branch, target_branch_scope: target } = rule;
  if (branch !== null && target !== null) {
    const message = `${label} may have branch_scope or target_branch_scope, not both`;
    return [problem("policy_rule_scope_both", target, message)];
  }
  return [
    ...checkScope(branch, "branch_scope", "branch", rule, label),
    ...checkScope(target, "target_branch_scope", "target_branch", rule, label),
  ];
}

function checkScope(
  scope: Located<BranchScope> | null,
  field: string,
  role: "branch" | "target_branch",
  rule: RuleDraft,
  label: string,
): readonly Diagnostic[] {
  if (scope === null) return [];
  const unsuited = (rule.actions?.value ?? []).filter((each) => conditionalBranch(each.value) !== role);
  return unsuited.map((action) => {
    const server =
      actionKind(action.value) !== "graph" ? "; server-scoped actions have no branch context" : "";
    const message = `${label} uses ${field} with unsupported action '${action.value}'${server}`;
    return problem("policy_rule_scope_action", action, message);
  });
}

function findUnusedGroups(draft: BundleDraft): readonly Diagnostic[] {
  const used = new Set(draft.rules.map((rule) => rule.group?.value));
  const unused = (draft.groups ?? []).filter(({ name }) => name.value.trim() !== "" && !used.has(name.value));
  return unused.map(({ name }) =>
    problem("policy_group_unused", name, `no rule names the group '${name.value}'`),
  );
}

function findIdleRules(draft: BundleDraft): readonly Diagnostic[] {
  if (draft.protected_branches.length > 0) return [];
  return draft.rules.flatMap((rule) => {
    const scope = rule.branch_scope ?? rule.target_branch_scope;
    if (scope?.value !== "protected") return [];
    const label = rule.id === null ? `policy rule ${rule.place.path}` : `policy rule '${rule.id.value}'`;
    const message = `${label} asks for a protected branch, and the bundle protects none`;
    return [problem("policy_rule_never_applies", scope, message)];
  });
}
