/**
 * What a bundle says about the control plane, worked out without Cedar, for checks that must not cost the loading of
 * Cedar. Never for a decision: who may do what is decided by ControlEngine alone.
 *
 * Guarantees: pure. A differential test holds it to Cedar's own decisions.
 */
import type { ControlAction } from "./action.ts";
import type { AuthScope, PolicyBundle, PolicyDuty, PolicyRule } from "./bundle.ts";
import type { CedarReference } from "./cedar.ts";
import type { ControlContext } from "./cedar-schema.ts";
import type { ChangeScope } from "./change-scope.ts";
import { tierRank } from "./change-scope.ts";
import type { ControlFacts } from "./control-facts.ts";
import { contextOfFacts, mentionedGraphs } from "./control-facts.ts";
import type { PolicyActor } from "./decide.ts";
import { membershipOf } from "./membership.ts";

export interface ControlEvaluator {
  /** Whether `who` may do `action`, given `facts`; strict about approving one's own changes. */
  allows(who: PolicyActor, action: ControlAction, facts: ControlFacts): boolean;
}

/** Evaluates `bundle`, as bound to a cluster. */
export function evaluateControl(bundle: PolicyBundle): ControlEvaluator {
  const membership = membershipOf(bundle);
  const mentioned = mentionedGraphs(bundle);
  return {
    allows(who, action, facts) {
      const groups = membership(who.actor, who.claim_groups ?? []);
      const context = contextOfFacts(facts, mentioned);
      const applying = bundle.rules.filter(
        (rule) =>
          groups.includes(rule.group) &&
          rule.actions.some((each) => each.action === action) &&
          applies(rule, context),
      );
      return (
        applying.some((rule) => rule.effect === "allow") &&
        !applying.some((rule) => rule.effect === "deny") &&
        !bundle.duties.some((duty) => duty.actions.includes(action) && forbids(duty, who.actor, context)) &&
        !(action === "cluster_approve" && keepsOut(context.change_authors, who.actor))
      );
    },
  };
}

function applies(rule: PolicyRule, context: ControlContext): boolean {
  const { change_scope: scope, auth, lock_min_age_seconds: seconds } = rule;
  const changesFit = scope === null || (rule.effect === "allow" ? allFit : someFit)(scope, context);
  return (
    changesFit &&
    (auth === null || proves(auth, context)) &&
    (seconds === null || context.lock_age_seconds >= seconds)
  );
}

function allFit(scope: ChangeScope, context: ControlContext): boolean {
  const within = (words: readonly string[] | null, found: readonly string[]) =>
    words === null || found.every((each) => words.includes(each));
  return (
    within(scope.kinds, context.change_kinds) &&
    within(scope.operations, context.change_operations) &&
    within(scope.graphs, context.change_graphs) &&
    (scope.max_tier === null || context.max_tier <= tierRank(scope.max_tier))
  );
}

function someFit(scope: ChangeScope, context: ControlContext): boolean {
  const meets = (words: readonly string[] | null, found: readonly string[]) =>
    words === null || found.some((each) => words.includes(each));
  return (
    meets(scope.kinds, context.change_kinds) &&
    meets(scope.operations, context.change_operations) &&
    meets(scope.graphs, context.change_graphs) &&
    (scope.min_tier === null || context.max_tier >= tierRank(scope.min_tier))
  );
}

function proves(auth: AuthScope, context: ControlContext): boolean {
  const source = auth.sources === null || auth.sources.some((each) => each === context.auth_source);
  return source && (auth.amr_any === null || auth.amr_any.some((each) => context.amr.includes(each)));
}

function forbids(duty: PolicyDuty, actor: string, context: ControlContext): boolean {
  if (duty.change_scope !== null && !someFit(duty.change_scope, context)) return false;
  return (
    duty.actor_not_in.some((party) => keepsOut(context[party], actor)) ||
    context.approval_count < duty.min_approvals
  );
}

/** Nobody is known to be in `parties`, or the actor is. */
function keepsOut(parties: readonly CedarReference[], actor: string): boolean {
  return parties.length === 0 || parties.some((each) => each.__entity.id === actor);
}
