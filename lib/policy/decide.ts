/**
 * PolicyEngine: decides requests by one bundle in one scope (spec/policy 2.3).
 *
 * Guarantees: default deny. An actor whom the bundle does not know is denied without asking Cedar. A decision that
 * could not be made is `failed`, which is an operational error and never an answer. Branch names must be normalised
 * by the caller before they come here: protection is exact membership.
 *
 * The actor is an argument of its own kind: it comes from the verified identity of the caller, never from a body.
 */
import { compareBytes } from "../digest/digest.ts";
import type { PolicyAction } from "./action.ts";
import type { PolicyBundle } from "./bundle.ts";
import { askCedar } from "./cedar.ts";
import type { RequestContext } from "./cedar-schema.ts";
import type { CompiledBundle } from "./compile.ts";
import { actionEntity, actorEntity, compileBundle, groupEntity, resourceEntity } from "./compile.ts";
import type { PolicyScope } from "./scope.ts";
import { bindingOf } from "./scope.ts";

export interface PolicyRequest {
  readonly actor: string;
  readonly action: PolicyAction;
  /** The branch that is read or written. */
  readonly branch?: string | null | undefined;
  /** The branch that a change goes to. */
  readonly target_branch?: string | null | undefined;
}

export type Decision =
  | { readonly tag: "allow"; readonly matched_rule: string; readonly message: string }
  | { readonly tag: "deny"; readonly matched_rule: null; readonly message: string }
  | { readonly tag: "failed"; readonly matched_rule: null; readonly message: string };

export interface PolicyEngine {
  decide(request: PolicyRequest): Decision;
}

/** The engine of `bundle` in `scope`. Cheap: Cedar is loaded by the first decision that needs it. */
export function createPolicyEngine(bundle: PolicyBundle, scope: PolicyScope): PolicyEngine {
  const compiled = compileBundle(bundle, scope);
  const groups = indexGroups(bundle);
  const protectedBranches = new Set(bundle.protected_branches);
  const slot = bindingOf(scope);
  return {
    decide(request) {
      const memberOf = groups.get(request.actor);
      if (memberOf === undefined) return denied(request, "unknown actor");
      const answer = askCedar(slot, compiled.policies, {
        principal: actorEntity(request.actor),
        parents: memberOf.map(groupEntity),
        action: actionEntity(request.action),
        resource: resourceEntity(request.action, scope),
        context: { ...describeBranches(request, protectedBranches) },
      });
      if (answer.tag === "failed") return { tag: "failed", matched_rule: null, message: answer.reason };
      return answer.allowed ? allowed(request, compiled, answer.determining) : denied(request, "actor");
    },
  };
}

/** The groups of each actor, in the order of the file. */
function indexGroups(bundle: PolicyBundle): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const group of bundle.groups) {
    for (const member of new Set(group.members)) {
      const known = groups.get(member);
      if (known === undefined) groups.set(member, [group.name]);
      else known.push(group.name);
    }
  }
  return groups;
}

function describeBranches(request: PolicyRequest, protectedBranches: ReadonlySet<string>): RequestContext {
  const branch = request.branch ?? null;
  const target = request.target_branch ?? null;
  return {
    has_branch: branch !== null,
    branch: branch ?? "",
    has_target_branch: target !== null,
    target_branch: target ?? "",
    branch_is_protected: branch !== null && protectedBranches.has(branch),
    target_branch_is_protected: target !== null && protectedBranches.has(target),
  };
}

/** Names the smallest of the rules that allowed it, so that the same request always gives the same answer. */
function allowed(request: PolicyRequest, compiled: CompiledBundle, determining: readonly string[]): Decision {
  const rules = determining.map((id) => compiled.rules.get(id)).filter((rule) => rule !== undefined);
  const [matched] = rules.sort(compareBytes);
  if (matched === undefined) {
    return {
      tag: "failed",
      matched_rule: null,
      message: "Cedar allowed the request by no rule of the bundle",
    };
  }
  const message = `policy allowed action '${request.action}' for actor '${request.actor}'`;
  return { tag: "allow", matched_rule: matched, message };
}

function denied(request: PolicyRequest, who: "actor" | "unknown actor"): Decision {
  const known = who === "actor";
  const branch = known && request.branch ? ` on branch '${request.branch}'` : "";
  const target = known && request.target_branch ? ` targeting branch '${request.target_branch}'` : "";
  const message = `policy denied action '${request.action}'${branch}${target} for ${who} '${request.actor}'`;
  return { tag: "deny", matched_rule: null, message };
}
