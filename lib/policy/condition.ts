/**
 * The Cedar conditions of rules and duties (spec/policy 2.2, 5.5).
 *
 * Guarantees: pure, and closed: only the constructs below ever come out, whatever a bundle says. `change_scope` is
 * universal in what allows and existential in what denies, so that a plan with one change too many is never let
 * through by the others.
 */
import { assertNever } from "../digest/assert.ts";
import type { PolicyAction } from "./action.ts";
import { conditionalBranch } from "./action.ts";
import type { AuthScope, BranchScope, DutyParty, PolicyDuty, PolicyRule, Via } from "./bundle.ts";
import { scopeOf } from "./bundle.ts";
import type { CedarExpression } from "./cedar.ts";
import type { ControlContext, RequestContext } from "./cedar-schema.ts";
import type { ChangeScope } from "./change-scope.ts";
import { tierRank } from "./change-scope.ts";
import type { QueryScope } from "./query-scope.ts";
import { globParts, isGlob } from "./query-scope.ts";

/** One condition of a rule, by the field of the bundle that it comes from. */
export interface RuleClause {
  readonly field: string;
  readonly condition: CedarExpression;
}

/** The conditions that must all hold for `rule` to apply to a request for `action`. */
export function ruleClauses(rule: PolicyRule, action: PolicyAction): readonly RuleClause[] {
  const clause = (field: string, conditions: readonly CedarExpression[]): readonly RuleClause[] => {
    const condition = allOf(conditions);
    return condition === null ? [] : [{ field, condition }];
  };
  const branchField = rule.branch_scope === null ? "target_branch_scope" : "branch_scope";
  const hasScope = rule.branch_scope !== null || rule.target_branch_scope !== null;
  return [
    ...clause(branchField, hasScope ? [branchCondition(scopeOf(rule), conditionalBranch(action))] : []),
    ...(rule.query_scope === null ? [] : clause("query_scope", queryConditions(rule.query_scope))),
    ...clause("via", viaConditions(rule.via)),
    ...(rule.change_scope === null
      ? []
      : clause("change_scope", changeConditions(rule.change_scope, rule.effect))),
    ...(rule.auth === null ? [] : clause("auth", authConditions(rule.auth))),
    ...clause("lock_min_age_seconds", lockConditions(rule.lock_min_age_seconds)),
  ];
}

/** All that must hold for `rule` to apply to a request for `action`; null: nothing. */
export function ruleCondition(rule: PolicyRule, action: PolicyAction): CedarExpression | null {
  return allOf(ruleClauses(rule, action).map((each) => each.condition));
}

/** What makes `duty` deny a request: it is about the changes, and one of its obligations is not met. */
export function dutyCondition(duty: Omit<PolicyDuty, "source">): CedarExpression | null {
  const breaches = [
    ...duty.actor_not_in.map(partyBreach),
    ...(duty.min_approvals > 0
      ? [{ "<": { left: controlFact("approval_count"), right: { Value: duty.min_approvals } } }]
      : []),
  ];
  const trigger = duty.change_scope === null ? [] : changeConditions(duty.change_scope, "deny");
  const breach = anyOf(breaches);
  return allOf([...trigger, ...(breach === null ? [] : [breach])]);
}

function partyBreach(party: DutyParty): CedarExpression {
  const parties = controlFact(party);
  return {
    "||": {
      left: { isEmpty: { arg: parties } },
      right: { contains: { left: parties, right: { Var: "principal" } } },
    },
  };
}

function branchCondition(scope: BranchScope, role: "branch" | "target_branch" | "none"): CedarExpression {
  if (role === "none") return { Value: true };
  const present = requestFact(`has_${role}`);
  const guarded = requestFact(`${role}_is_protected`);
  switch (scope) {
    case "any":
      return { Value: true };
    case "protected":
      return { "&&": { left: present, right: guarded } };
    case "unprotected":
      return { "&&": { left: present, right: { "!": { arg: guarded } } } };
    default:
      return assertNever(scope);
  }
}

function queryConditions(scope: QueryScope): readonly CedarExpression[] {
  const named = scope.names === null ? null : nameCondition(scope.names);
  const excepted = scope.except === null ? null : nameCondition(scope.except);
  return [
    ...(named === null ? [] : [named]),
    ...(excepted === null ? [] : [{ "!": { arg: excepted } }]),
    ...(scope.kind === "any"
      ? []
      : [{ "==": { left: queryFact("mutation"), right: { Value: scope.kind === "mutation" } } }]),
  ];
}

/** Null for a list with a bare `*`, which every name fits. */
function nameCondition(names: readonly string[]): CedarExpression | null {
  if (names.some((name) => /^\*+$/.test(name))) return null;
  const exact = names.filter((name) => !isGlob(name));
  const name = queryFact("name");
  const [only, ...more] = exact;
  return anyOf([
    ...(only === undefined
      ? []
      : more.length === 0
        ? [{ "==": { left: name, right: { Value: only } } }]
        : [{ contains: { left: texts(exact), right: name } }]),
    ...names.filter(isGlob).map((glob) => ({ like: { left: name, pattern: globPattern(glob) } })),
  ]);
}

function globPattern(glob: string): ("Wildcard" | { Literal: string })[] {
  return globParts(glob).flatMap((part, index) => [
    ...(index === 0 ? [] : ["Wildcard" as const]),
    ...(part === "" ? [] : [{ Literal: part }]),
  ]);
}

function viaConditions(via: Via): readonly CedarExpression[] {
  if (via === "any") return [];
  return [{ "==": { left: requestFact("via_stored_query"), right: { Value: via === "stored" } } }];
}

function changeConditions(scope: ChangeScope, effect: "allow" | "deny"): readonly CedarExpression[] {
  const about = (words: readonly string[] | null, fact: CedarExpression): readonly CedarExpression[] => {
    if (words === null) return [];
    const list = texts(words);
    return effect === "allow"
      ? [{ containsAll: { left: list, right: fact } }]
      : [{ containsAny: { left: fact, right: list } }];
  };
  return [
    ...about(scope.kinds, controlFact("change_kinds")),
    ...about(scope.operations, controlFact("change_operations")),
    ...about(scope.graphs, controlFact("change_graphs")),
    ...(scope.max_tier === null
      ? []
      : [{ "<=": { left: controlFact("max_tier"), right: { Value: tierRank(scope.max_tier) } } }]),
    ...(scope.min_tier === null
      ? []
      : [{ ">=": { left: controlFact("max_tier"), right: { Value: tierRank(scope.min_tier) } } }]),
  ];
}

function authConditions(auth: AuthScope): readonly CedarExpression[] {
  return [
    ...(auth.sources === null
      ? []
      : [{ contains: { left: texts(auth.sources), right: controlFact("auth_source") } }]),
    ...(auth.amr_any === null
      ? []
      : [{ containsAny: { left: controlFact("amr"), right: texts(auth.amr_any) } }]),
  ];
}

function lockConditions(seconds: number | null): readonly CedarExpression[] {
  if (seconds === null) return [];
  return [{ ">=": { left: controlFact("lock_age_seconds"), right: { Value: seconds } } }];
}

function texts(words: readonly string[]): CedarExpression {
  return { Set: words.map((word) => ({ Value: word })) };
}

function requestFact(attribute: keyof RequestContext): CedarExpression {
  return { ".": { left: { Var: "context" }, attr: attribute } };
}

function controlFact(attribute: keyof ControlContext): CedarExpression {
  return { ".": { left: { Var: "context" }, attr: attribute } };
}

function queryFact(attribute: "name" | "mutation"): CedarExpression {
  return { ".": { left: { Var: "resource" }, attr: attribute } };
}

function allOf(conditions: readonly CedarExpression[]): CedarExpression | null {
  const [first, ...rest] = conditions;
  if (first === undefined) return null;
  return rest.reduce<CedarExpression>((left, right) => ({ "&&": { left, right } }), first);
}

function anyOf(conditions: readonly CedarExpression[]): CedarExpression | null {
  const [first, ...rest] = conditions;
  if (first === undefined) return null;
  return rest.reduce<CedarExpression>((left, right) => ({ "||": { left, right } }), first);
}
