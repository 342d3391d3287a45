/**
 * Explanation: why a request is decided as it is (spec/policy 5.10): the decision, and of every rule that is about the
 * action and the caller's groups, which of its conditions hold.
 *
 * Guarantees: pure. Each truth value is Cedar's own answer about that one condition, never worked out beside it.
 */
import { isControlAction } from "./action.ts";
import type { PolicyBundle, PolicyRule } from "./bundle.ts";
import type { CedarQuestion } from "./cedar.ts";
import { askCedar } from "./cedar.ts";
import { compileClause } from "./compile.ts";
import { ruleClauses } from "./condition.ts";
import { controlQuestion, createControlEngine } from "./control.ts";
import type { ControlFacts } from "./control-facts.ts";
import { mentionedGraphs } from "./control-facts.ts";
import type { PolicyRequest } from "./decide.ts";
import { createPolicyEngine, requestQuestion } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { membershipOf } from "./membership.ts";
import type { PolicyScope } from "./scope.ts";

export interface CandidateCondition {
  /** The field of the rule; `resource` is what it is about at all. */
  readonly field: string;
  /** Null: could not be told. */
  readonly holds: boolean | null;
}

export interface Candidate {
  readonly rule: string;
  readonly effect: "allow" | "deny";
  readonly group: string;
  /** All of them must hold. */
  readonly conditions: readonly CandidateCondition[];
}

export interface Explanation {
  readonly decision: Decision;
  readonly groups: readonly string[];
  readonly candidates: readonly Candidate[];
}

/** Explains `request` under `bundle` in `scope`; `facts` are those of a request to the control plane. */
export function explainDecision(
  bundle: PolicyBundle,
  scope: PolicyScope,
  request: PolicyRequest,
  facts: ControlFacts,
): Explanation {
  const groups = membershipOf(bundle)(request.actor, request.claim_groups ?? []);
  const { action } = request;
  const control = isControlAction(action) ? { ...request, action, facts } : null;
  const cluster = scope.kind === "server" ? (scope.cluster ?? "") : null;
  const decision =
    control !== null && cluster !== null
      ? createControlEngine(bundle, cluster).decide(control)
      : createPolicyEngine(bundle, scope).decide(request);
  const question =
    control === null
      ? requestQuestion(request, groups, scope, new Set(bundle.protected_branches))
      : controlQuestion(control, groups, scope, mentionedGraphs(bundle));
  const rules = bundle.rules.filter(
    (rule) => groups.includes(rule.group) && rule.actions.some((each) => each.action === action),
  );
  return { decision, groups, candidates: rules.map((rule) => weigh(rule, request, scope, question)) };
}

function weigh(
  rule: PolicyRule,
  { action }: PolicyRequest,
  scope: PolicyScope,
  question: CedarQuestion,
): Candidate {
  const holds = (policy: ReturnType<typeof compileClause>) => {
    const answer = askCedar("explain", { clause: policy }, question);
    return answer.tag === "failed" ? null : answer.allowed;
  };
  const about = holds(compileClause(rule, action, scope, null));
  const clauses = ruleClauses(rule, action).map(({ field, condition }) => ({
    field,
    // A condition on a query says nothing about a request that names none.
    holds: about === true ? holds(compileClause(rule, action, scope, condition)) : about,
  }));
  return {
    rule: rule.id,
    effect: rule.effect,
    group: rule.group,
    conditions: [{ field: "resource", holds: about }, ...clauses],
  };
}
