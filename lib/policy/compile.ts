/**
 * Compiles a bundle to Cedar policies (spec/policy 2.2, 5.5): one `permit` or `forbid` for each pair of rule and
 * action, one `forbid` for each pair of duty and action.
 *
 * Guarantees: pure. The output is Cedar's JSON form, which takes every name as it is, so nothing has to be escaped
 * and no name can end a policy early. It is closed: only known constructs ever come out, whatever the bundle says,
 * which is why a bundle is not validated by Cedar each time it is read. A policy's id is `<rule>:<action>` or
 * `duty/<duty>:<action>`, and no two are equal. Where a bundle decides about the control plane, nobody approves a
 * change of their own, and no bundle can switch that off.
 */
import type { PolicyAction } from "./action.ts";
import { isQueryAction } from "./action.ts";
import type { PolicyBundle, PolicyDuty, PolicyRule } from "./bundle.ts";
import type { CedarExpression, CedarPolicies, CedarPolicy } from "./cedar.ts";
import { dutyCondition, ruleCondition } from "./condition.ts";
import { actionEntity, graphEntity, groupEntity, resourceEntity, STORED_QUERY_TYPE } from "./entity.ts";
import type { PolicyScope } from "./scope.ts";

export interface CompiledBundle {
  readonly policies: CedarPolicies;
  /** The rule or `duty/<duty>` that each policy came from, by policy id. */
  readonly rules: ReadonlyMap<string, string>;
  /** Whom and which action each policy is about, by policy id; a null group means everybody. */
  readonly heads: ReadonlyMap<string, PolicyHead>;
}

export interface PolicyHead {
  readonly group: string | null;
  readonly action: PolicyAction;
}

export interface CompileOptions {
  /** The deployment lets people approve changes of their own. */
  readonly self_approval: boolean;
}

const DUTY_PREFIX = "duty/";
const STRICT: CompileOptions = { self_approval: false };

const APPROVER_NOT_AUTHOR: Omit<PolicyDuty, "source"> = {
  id: "builtin-approver-not-author",
  actions: ["cluster_approve"],
  actor_not_in: ["change_authors"],
  min_approvals: 0,
  change_scope: null,
};

/** Compiles `bundle` for `scope`; ids become literals, so each graph has policies of its own. */
export function compileBundle(
  bundle: PolicyBundle,
  scope: PolicyScope,
  options: CompileOptions = STRICT,
): CompiledBundle {
  const policies: Record<string, CedarPolicy> = {};
  const rules = new Map<string, string>();
  const heads = new Map<string, PolicyHead>();
  const add = (origin: string, group: string | null, action: PolicyAction, policy: CedarPolicy) => {
    const id = `${origin}:${action}`;
    policies[id] = policy;
    rules.set(id, origin);
    heads.set(id, { group, action });
  };
  for (const rule of bundle.rules) {
    for (const { action } of rule.actions) add(rule.id, rule.group, action, compileRule(rule, action, scope));
  }
  for (const duty of dutiesOf(bundle, scope, options)) {
    for (const action of duty.actions) {
      add(`${DUTY_PREFIX}${duty.id}`, null, action, compileDuty(duty, action, scope));
    }
  }
  return { policies, rules, heads };
}

/** The policies that can say anything about `action` by a member of `groups`; all others are without effect on it. */
export function sliceFor(
  compiled: CompiledBundle,
  action: PolicyAction,
  groups: readonly string[],
): CedarPolicies {
  const slice: Record<string, CedarPolicy> = {};
  for (const [id, head] of compiled.heads) {
    const policy = compiled.policies[id];
    if (policy === undefined || head.action !== action) continue;
    if (head.group === null || groups.includes(head.group)) slice[id] = policy;
  }
  return slice;
}

function dutiesOf(
  bundle: PolicyBundle,
  scope: PolicyScope,
  options: CompileOptions,
): readonly Omit<PolicyDuty, "source">[] {
  if (scope.kind !== "server" || options.self_approval) return bundle.duties;
  return [...bundle.duties, APPROVER_NOT_AUTHOR];
}

/** `rule` for `action` with `condition` in place of its own conditions; what it is about stays. */
export function compileClause(
  rule: PolicyRule,
  action: PolicyAction,
  scope: PolicyScope,
  condition: CedarExpression | null,
): CedarPolicy {
  return { ...compileRule(rule, action, scope), effect: "permit", conditions: conditionsOf(condition) };
}

function compileRule(rule: PolicyRule, action: PolicyAction, scope: PolicyScope): CedarPolicy {
  return {
    effect: rule.effect === "allow" ? "permit" : "forbid",
    principal: { op: "in", entity: groupEntity(rule.group) },
    action: { op: "==", entity: actionEntity(action) },
    resource: compileResource(rule, action, scope),
    conditions: conditionsOf(ruleCondition(rule, action)),
  };
}

/** A rule about queries without a scope also covers the graph itself, so that it serves coarse gates too. */
function compileResource(
  rule: PolicyRule,
  action: PolicyAction,
  scope: PolicyScope,
): CedarPolicy["resource"] {
  if (!isQueryAction(action)) return { op: "==", entity: resourceEntity(action, scope) };
  if (rule.query_scope === null) return { op: "in", entity: graphEntity(scope) };
  return { op: "is", entity_type: STORED_QUERY_TYPE, in: { entity: graphEntity(scope) } };
}

function compileDuty(
  duty: Omit<PolicyDuty, "source">,
  action: PolicyAction,
  scope: PolicyScope,
): CedarPolicy {
  return {
    effect: "forbid",
    principal: { op: "All" },
    action: { op: "==", entity: actionEntity(action) },
    resource: { op: "==", entity: resourceEntity(action, scope) },
    conditions: conditionsOf(dutyCondition(duty)),
  };
}

function conditionsOf(condition: CedarExpression | null): CedarPolicy["conditions"] {
  return condition === null ? [] : [{ kind: "when", body: condition }];
}
