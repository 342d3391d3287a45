/**
 * ControlEngine: decides requests to the control plane of one cluster by its bundle (spec/policy 5.4 to 5.7).
 *
 * Guarantees: default deny, and everything that PolicyEngine guarantees. Facts that the caller leaves out count as
 * the worst. Whoever made a change, or may have made it, does not approve it, unless the deployment says otherwise.
 *
 * The bundle is the one of the applied revision, never the one that a plan proposes.
 */
import type { ControlAction, PolicyAction } from "./action.ts";
import { isControlAction } from "./action.ts";
import type { PolicyBundle } from "./bundle.ts";
import type { CedarQuestion } from "./cedar.ts";
import { askCedar } from "./cedar.ts";
import { compileBundle } from "./compile.ts";
import type { ControlFacts } from "./control-facts.ts";
import { contextOfFacts, mentionedGraphs } from "./control-facts.ts";
import type { PolicyActor } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { deniedDecision, readDecision } from "./decision.ts";
import { actionEntity, actorEntity, groupEntity, resourceEntity } from "./entity.ts";
import { membershipOf } from "./membership.ts";
import type { PolicyScope } from "./scope.ts";

export interface ControlRequest extends PolicyActor {
  readonly action: ControlAction;
  readonly facts: ControlFacts;
}

export interface ControlEngine {
  /** False: the bundle names nobody like this caller, who is denied everything. */
  knows(actor: PolicyActor): boolean;
  groupsOf(actor: PolicyActor): readonly string[];
  decide(request: ControlRequest): Decision;
}

export interface ControlOptions {
  /** The deployment lets people approve changes of their own; stamp it into what they approve. */
  readonly selfApproval?: boolean | undefined;
}

/** True if `bundle` says anything about the control plane; one of version 1 does not. */
export function rulesControlPlane(bundle: PolicyBundle): boolean {
  const actions: readonly PolicyAction[] = bundle.rules.flatMap((rule) =>
    rule.actions.map((each) => each.action),
  );
  return bundle.duties.length > 0 || actions.some(isControlAction);
}

/**
 * The engine of `bundle`, which is bound to the cluster `clusterName`. Cheap: Cedar is loaded by the first decision.
 * Keep one engine for each cluster and digest: the policies are prepared once for each engine.
 */
export function createControlEngine(
  bundle: PolicyBundle,
  clusterName: string,
  options: ControlOptions = {},
): ControlEngine {
  const scope: PolicyScope = { kind: "server", cluster: clusterName };
  const compiled = compileBundle(bundle, scope, { self_approval: options.selfApproval === true });
  const membership = membershipOf(bundle);
  const groupsOf = (who: PolicyActor) => membership(who.actor, who.claim_groups ?? []);
  const mentioned = mentionedGraphs(bundle);
  return {
    knows: (who) => groupsOf(who).length > 0,
    groupsOf,
    decide(request) {
      const groups = groupsOf(request);
      if (groups.length === 0) return deniedDecision(request, "unknown actor", []);
      const question = controlQuestion(request, groups, scope, mentioned);
      const answer = askCedar(`control/${clusterName}`, compiled.policies, question);
      return readDecision(request, compiled, answer);
    },
  };
}

/** What Cedar is asked for `request` by a member of `groups`; `mentioned` are the graphs that the bundle names. */
export function controlQuestion(
  request: ControlRequest,
  groups: readonly string[],
  scope: PolicyScope,
  mentioned: readonly string[],
): CedarQuestion {
  return {
    principal: actorEntity(request.actor),
    parents: groups.map(groupEntity),
    action: actionEntity(request.action),
    resource: resourceEntity(request.action, scope),
    record: null,
    context: { ...contextOfFacts(request.facts, mentioned) },
  };
}
