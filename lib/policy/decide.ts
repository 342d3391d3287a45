/**
 * PolicyEngine: decides requests about one graph or the server by one bundle (spec/policy 2.3, 5.5).
 *
 * Guarantees: default deny. An actor whom the bundle does not know is denied without asking Cedar. A decision that
 * could not be made is `failed`, which is an operational error and never an answer. Branch names must be normalised
 * by the caller before they come here: protection is exact membership.
 *
 * The actor is an argument of its own kind: it comes from the verified identity of the caller, never from a body.
 */
import type { PolicyAction } from "./action.ts";
import { isControlAction } from "./action.ts";
import type { PolicyBundle, QueryExposure } from "./bundle.ts";
import type { CedarQuestion } from "./cedar.ts";
import { askCedar } from "./cedar.ts";
import type { RequestContext } from "./cedar-schema.ts";
import { compileBundle } from "./compile.ts";
import type { Decision } from "./decision.ts";
import { deniedDecision, readDecision } from "./decision.ts";
import { actionEntity, actorEntity, groupEntity, queryEntity, resourceEntity } from "./entity.ts";
import { membershipOf } from "./membership.ts";
import type { QueryRef } from "./query-scope.ts";
import type { PolicyScope } from "./scope.ts";
import { bindingOf } from "./scope.ts";
import type { VisibleQueries } from "./visible-queries.ts";
import { findVisibleQueries } from "./visible-queries.ts";

/** Who asks, as the deployment has verified it. */
export interface PolicyActor {
  readonly actor: string;
  /** `jwt-group:<issuer alias>/<value>` of a verified token. */
  readonly claim_groups?: readonly string[] | undefined;
}

export interface PolicyRequest extends PolicyActor {
  readonly action: PolicyAction;
  /** The branch that is read or written. */
  readonly branch?: string | null | undefined;
  /** The branch that a change goes to. */
  readonly target_branch?: string | null | undefined;
  /** The stored query that is listed or invoked; without one the request is about the graph. */
  readonly query?: QueryRef | null | undefined;
  /** True for what a stored query does on behalf of its caller. */
  readonly via_stored_query?: boolean | undefined;
}

export interface PolicyEngine {
  readonly exposure: QueryExposure;
  /** False: the bundle names nobody like this caller, who is denied everything. */
  knows(actor: PolicyActor): boolean;
  /** The groups of the caller, in the order of the file. Graph rules name no actors: equal groups, equal answers. */
  groupsOf(actor: PolicyActor): readonly string[];
  decide(request: PolicyRequest): Decision;
  /** Those of `catalog` on which `action` is allowed, in its order. */
  visibleQueries(
    actor: PolicyActor,
    action: "list_query" | "invoke_query",
    catalog: readonly QueryRef[],
  ): VisibleQueries;
}

/**
 * The engine of `bundle` in `scope`. Cheap: Cedar is loaded by the first decision that needs it. Keep one engine for
 * each scope and digest: the policies are prepared once for each engine. The control plane is not decided about here.
 */
export function createPolicyEngine(bundle: PolicyBundle, scope: PolicyScope): PolicyEngine {
  const compiled = compileBundle(bundle, scope);
  const membership = membershipOf(bundle);
  const groupsOf = (who: PolicyActor) => membership(who.actor, who.claim_groups ?? []);
  const protectedBranches = new Set(bundle.protected_branches);
  const slot = bindingOf(scope);
  const questionOf = (request: PolicyRequest, groups: readonly string[]) =>
    requestQuestion(request, groups, scope, protectedBranches);
  return {
    exposure: bundle.query_exposure,
    knows: (who) => groupsOf(who).length > 0,
    groupsOf,
    decide(request) {
      const groups = groupsOf(request);
      if (groups.length === 0) return deniedDecision(request, "unknown actor", []);
      if (isControlAction(request.action)) return deniedDecision(request, "actor", []);
      return readDecision(request, compiled, askCedar(slot, compiled.policies, questionOf(request, groups)));
    },
    visibleQueries(who, action, catalog) {
      const groups = groupsOf(who);
      if (groups.length === 0) return { tag: "visible", queries: [] };
      const { resource: _, record: __, ...question } = questionOf({ ...who, action }, groups);
      return findVisibleQueries({ compiled, scope, slot, groups, action, question }, catalog);
    },
  };
}

/** What Cedar is asked for `request` by a member of `groups`. */
export function requestQuestion(
  request: PolicyRequest,
  groups: readonly string[],
  scope: PolicyScope,
  protectedBranches: ReadonlySet<string>,
): CedarQuestion {
  const about = request.query ? queryEntity(scope, request.query) : null;
  return {
    principal: actorEntity(request.actor),
    parents: groups.map(groupEntity),
    action: actionEntity(request.action),
    resource: about?.entity ?? resourceEntity(request.action, scope),
    record: about?.record ?? null,
    context: { ...describeRequest(request, protectedBranches) },
  };
}

function describeRequest(request: PolicyRequest, protectedBranches: ReadonlySet<string>): RequestContext {
  const branch = request.branch ?? null;
  const target = request.target_branch ?? null;
  return {
    has_branch: branch !== null,
    branch: branch ?? "",
    has_target_branch: target !== null,
    target_branch: target ?? "",
    branch_is_protected: branch !== null && protectedBranches.has(branch),
    target_branch_is_protected: target !== null && protectedBranches.has(target),
    via_stored_query: request.via_stored_query === true,
  };
}
