/**
 * Compiles a bundle to Cedar policies (spec/policy 2.2): one `permit` for each pair of rule and action.
 *
 * Guarantees: pure. The output is Cedar's JSON form, which takes every name as it is, so nothing has to be escaped
 * and no name can end a policy early. It is closed: only the constructs below ever come out, whatever the bundle
 * says, which is why a bundle is not validated by Cedar each time it is read. A policy's id is `<rule>:<action>`.
 */
import { assertNever } from "../digest/assert.ts";
import type { PolicyAction } from "./action.ts";
import { actionKind, conditionalBranch } from "./action.ts";
import type { BranchScope, PolicyBundle, PolicyRule } from "./bundle.ts";
import { scopeOf } from "./bundle.ts";
import type { CedarEntity, CedarExpression, CedarPolicies, CedarPolicy } from "./cedar.ts";
import type { RequestContext } from "./cedar-schema.ts";
import { CEDAR_NAMESPACE } from "./cedar-schema.ts";
import type { PolicyScope } from "./scope.ts";

export interface CompiledBundle {
  readonly policies: CedarPolicies;
  /** The rule that each policy came from, by policy id. */
  readonly rules: ReadonlyMap<string, string>;
}

/** The graph id that stands in for one where a bundle is compiled for the server. */
const SERVER_PLACEHOLDER_GRAPH = "root";
const SERVER_ID = "root";

/** Compiles `bundle` for `scope`; the graph id becomes a literal, so each graph has policies of its own. */
export function compileBundle(bundle: PolicyBundle, scope: PolicyScope): CompiledBundle {
  const policies: Record<string, CedarPolicy> = {};
  const rules = new Map<string, string>();
  for (const rule of bundle.rules) {
    for (const { action } of rule.actions) {
      const id = `${rule.id}:${action}`;
      policies[id] = compileRule(rule, action, scope);
      rules.set(id, rule.id);
    }
  }
  return { policies, rules };
}

function compileRule(rule: PolicyRule, action: PolicyAction, scope: PolicyScope): CedarPolicy {
  const hasScope = rule.branch_scope !== null || rule.target_branch_scope !== null;
  const condition = hasScope ? compileCondition(scopeOf(rule), conditionalBranch(action)) : null;
  return {
    effect: "permit",
    principal: { op: "in", entity: groupEntity(rule.group) },
    action: { op: "==", entity: actionEntity(action) },
    resource: { op: "==", entity: resourceEntity(action, scope) },
    conditions: condition === null ? [] : [{ kind: "when", body: condition }],
  };
}

function compileCondition(scope: BranchScope, role: "branch" | "target_branch" | "none"): CedarExpression {
  if (role === "none") return { Value: true };
  const present = fact(`has_${role}`);
  const guarded = fact(`${role}_is_protected`);
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

function fact(attribute: keyof RequestContext): CedarExpression {
  return { ".": { left: { Var: "context" }, attr: attribute } };
}

/** The entity of a caller. */
export function actorEntity(actor: string): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Actor`, id: actor };
}

/** The entity of a group. */
export function groupEntity(group: string): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Group`, id: group };
}

/** The entity of an action. */
export function actionEntity(action: PolicyAction): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Action`, id: action };
}

/** What `action` is about in `scope`; the action's kind decides, so that a request can never be about the wrong one. */
export function resourceEntity(action: PolicyAction, scope: PolicyScope): CedarEntity {
  const kind = actionKind(action);
  switch (kind) {
    case "server":
      return { type: `${CEDAR_NAMESPACE}::Server`, id: SERVER_ID };
    case "graph":
      return {
        type: `${CEDAR_NAMESPACE}::Graph`,
        id: scope.kind === "graph" ? scope.graph : SERVER_PLACEHOLDER_GRAPH,
      };
    default:
      return assertNever(kind);
  }
}
