/**
 * The checks of what spec/policy 5.2 adds to a rule: query_scope, via, change_scope, auth, lock_min_age_seconds and
 * deny, and of the duties of a bundle.
 *
 * Guarantees: pure; every breach is reported, each at the value that is wrong. No field is accepted where it would
 * silently mean nothing.
 */
import type { Diagnostic, DiagnosticCode } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { PolicyAction } from "./action.ts";
import { isAboutChanges, isControlAction, isDoneByQueries, isQueryAction } from "./action.ts";
import type { QueryExposure } from "./bundle.ts";
import type { BundleDraft, RuleDraft } from "./draft.ts";
import type { AuthDraft, ChangeScopeDraft, DutyDraft, ListDraft, QueryScopeDraft } from "./scope-draft.ts";
import type { Located } from "./yaml-reader.ts";

/** Everything that is wrong with the fields of `rule` that version 1 does not have. */
export function checkRuleScopes(rule: RuleDraft, label: string): readonly Diagnostic[] {
  return [
    ...checkEffect(rule, label),
    ...checkPlace(rule, rule.query_scope?.place, "query_scope", isQueryAction, label),
    ...checkPlace(rule, rule.via, "via", isDoneByQueries, label),
    ...checkPlace(rule, rule.change_scope?.place, "change_scope", isAboutChanges, label),
    ...checkPlace(rule, rule.auth?.place, "auth", isControlAction, label),
    ...checkPlace(rule, rule.lock_min_age_seconds, "lock_min_age_seconds", isForceUnlock, label),
    ...(rule.query_scope === null ? [] : checkQueryScope(rule.query_scope, label)),
    ...(rule.change_scope === null ? [] : checkChangeScope(rule.change_scope, rule.effect, label)),
    ...(rule.auth === null ? [] : checkAuth(rule.auth, label)),
  ];
}

/** One complaint for each mention of `list_query` in a bundle whose exposure does not ask for it. */
export function checkExposure(
  rules: readonly RuleDraft[],
  exposure: Located<QueryExposure> | null,
): readonly Diagnostic[] {
  if (exposure?.value === "policy") return [];
  return rules.flatMap((rule) =>
    (rule.actions?.value ?? [])
      .filter((action) => action.value === "list_query")
      .map((action) => {
        const message = "list_query decides nothing unless the bundle has query_exposure: policy";
        return problem("list_query_without_policy_exposure", action, message);
      }),
  );
}

/** What callers see of queries that they may not invoke, or do not see of those that they may (spec/policy 5.3). */
export function lintExposure(draft: BundleDraft): readonly Diagnostic[] {
  const exposure = draft.query_exposure?.value ?? "read_gated";
  const allows = (action: PolicyAction) =>
    draft.rules.filter(
      (rule) => rule.effect === "allow" && (rule.actions?.value ?? []).some((each) => each.value === action),
    );
  if (exposure === "read_gated") {
    return allows("invoke_query").flatMap((rule) => {
      if (rule.query_scope === null) return [];
      const message = `${labelOf(rule)} limits which queries may be invoked, while everybody who reads main sees the names of all`;
      return [problem("scoped_invoke_under_read_gated", rule.query_scope.place, message)];
    });
  }
  if (exposure !== "policy") return [];
  const members = (rule: RuleDraft) =>
    (draft.groups ?? [])
      .filter((group) => group.name.value === rule.group?.value)
      .flatMap((group) => (group.members?.value ?? []).map((member) => member.value));
  const listing = new Set(allows("list_query").flatMap(members));
  return allows("invoke_query").flatMap((rule) => {
    if (members(rule).every((member) => listing.has(member))) return [];
    const message = `${labelOf(rule)} lets callers invoke queries, and no rule lets all of them list any`;
    return [problem("invoke_without_list", rule.place, message)];
  });
}

function labelOf(rule: RuleDraft): string {
  return rule.id === null ? `policy rule ${rule.place.path}` : `policy rule '${rule.id.value}'`;
}

/** Everything that is wrong with `duties`. */
export function checkDuties(duties: readonly DutyDraft[]): readonly Diagnostic[] {
  return [...checkDutyIds(duties), ...duties.flatMap(checkDuty)];
}

function problem(code: DiagnosticCode, place: Located<unknown>, message: string): Diagnostic {
  return diagnostic(code, { path: place.path, message, source: place.source });
}

function isForceUnlock(action: PolicyAction): boolean {
  return action === "cluster_force_unlock";
}

function checkEffect(rule: RuleDraft, label: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  if (rule.both_effects) {
    found.push(
      problem("policy_rule_effect_both", rule.place, `${label} must either allow or deny, not both`),
    );
  }
  const narrowing = [
    ["auth", rule.auth?.place],
    ["lock_min_age_seconds", rule.lock_min_age_seconds],
  ] as const;
  for (const [field, place] of narrowing) {
    if (rule.effect === "allow" || !place) continue;
    const message = `${label} uses ${field} in a deny, where it would deny only those who fulfil it`;
    found.push(problem("policy_field_misplaced", place, message));
  }
  return found;
}

/** A field must suit every action of its rule. */
function checkPlace(
  rule: RuleDraft,
  place: Located<unknown> | null | undefined,
  field: string,
  suits: (action: PolicyAction) => boolean,
  label: string,
): readonly Diagnostic[] {
  if (!place) return [];
  return (rule.actions?.value ?? [])
    .filter((action) => !suits(action.value))
    .map((action) => {
      const message = `${label} uses ${field} with action '${action.value}', which does not know it`;
      return problem("policy_field_misplaced", action, message);
    });
}

function checkQueryScope(scope: QueryScopeDraft, label: string): readonly Diagnostic[] {
  const what = `the query_scope of ${label}`;
  const all = scope.except?.value.find((each) => /^\*+$/.test(each.value));
  return [
    ...checkNotEmpty(scope.place, scope.fields, what),
    ...checkList(scope.names, `the names in ${what}`),
    ...checkList(scope.except, `the exceptions in ${what}`),
    ...(all === undefined
      ? []
      : [problem("policy_scope_empty", all, `${what} excepts every query, so that nothing is left`)]),
  ];
}

function checkChangeScope(
  scope: ChangeScopeDraft,
  effect: "allow" | "deny",
  label: string,
): readonly Diagnostic[] {
  const what = `the change_scope of ${label}`;
  const [unsuited, wanted] =
    effect === "allow" ? ([scope.min_tier, "max_tier"] as const) : ([scope.max_tier, "min_tier"] as const);
  return [
    ...checkNotEmpty(scope.place, scope.fields, what),
    ...checkList(scope.kinds, `the kinds in ${what}`),
    ...checkList(scope.operations, `the operations in ${what}`),
    ...checkList(scope.graphs, `the graphs in ${what}`),
    ...(unsuited === null
      ? []
      : [
          problem(
            "policy_field_misplaced",
            unsuited,
            `${what} must bound the tier by ${wanted}, because it ${effect === "allow" ? "allows what is mild" : "denies what is severe"}`,
          ),
        ]),
  ];
}

function checkAuth(auth: AuthDraft, label: string): readonly Diagnostic[] {
  const what = `the auth of ${label}`;
  return [
    ...checkNotEmpty(auth.place, auth.fields, what),
    ...checkList(auth.sources, `the sources in ${what}`),
    ...checkList(auth.amr_any, `the amr_any in ${what}`),
  ];
}

function checkNotEmpty(place: Located<null>, fields: number, what: string): readonly Diagnostic[] {
  return fields > 0 ? [] : [problem("policy_scope_empty", place, `${what} must have at least one field`)];
}

function checkList(list: ListDraft<string> | null, what: string): readonly Diagnostic[] {
  if (list === null) return [];
  if (list.listed === 0) return [problem("policy_scope_empty", list, `${what} must not be an empty list`)];
  return list.value
    .filter((each) => each.value.trim() === "")
    .map((each) => problem("policy_scope_empty", each, `${what} must not be blank`));
}

function checkDutyIds(duties: readonly DutyDraft[]): readonly Diagnostic[] {
  const first = new Map<string, Located<string>>();
  const found: Diagnostic[] = [];
  for (const { id } of duties) {
    if (id === null) continue;
    const earlier = first.get(id.value);
    if (id.value.trim() === "") found.push(problem("policy_duty_id", id, "duty ids must not be blank"));
    else if (id.value.startsWith("builtin-")) {
      const message = `duty id '${id.value}' begins with 'builtin-', which is reserved`;
      found.push(problem("policy_duty_id", id, message));
    } else if (earlier === undefined) first.set(id.value, id);
    else {
      const message = `duplicate duty id '${id.value}', first used in line ${earlier.source.line}`;
      found.push(problem("policy_duty_id", id, message));
    }
  }
  return found;
}

function checkDuty(duty: DutyDraft): readonly Diagnostic[] {
  const label = duty.id === null ? `policy duty ${duty.place.path}` : `policy duty '${duty.id.value}'`;
  const found: Diagnostic[] = [
    ...checkList(duty.actions, `the actions of ${label}`),
    ...checkList(duty.actor_not_in, `the actor_not_in of ${label}`),
    ...(duty.change_scope === null ? [] : checkChangeScope(duty.change_scope, "deny", label)),
  ];
  const seen = new Set<PolicyAction>();
  for (const action of duty.actions?.value ?? []) {
    if (seen.has(action.value)) {
      const message = `${label} lists the action '${action.value}' twice`;
      found.push(problem("policy_rule_action_duplicate", action, message));
    }
    seen.add(action.value);
    if (duty.change_scope === null || isAboutChanges(action.value)) continue;
    const message = `${label} uses change_scope with action '${action.value}', which does not know it`;
    found.push(problem("policy_field_misplaced", action, message));
  }
  if (duty.actor_not_in === null && duty.min_approvals === null) {
    const message = `${label} must oblige to something: actor_not_in or min_approvals`;
    found.push(problem("policy_duty_no_obligation", duty.place, message));
  }
  return found;
}
