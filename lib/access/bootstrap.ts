/**
 * Bootstrap: who may what until a policy has been applied that says something about the control plane of the cluster
 * (spec/policy 5.7): the principal that the deployment names, and only what it takes to begin. Once there is such a
 * policy it counts for nothing. One of version 1 says nothing, and would otherwise lock everybody out.
 */
import type { AccessRequest } from "./access.ts";
import { controlAction } from "./control-decision.ts";
import type { Asked, Judged } from "./judged.ts";

/** What a decision names that no policy has made. */
export const BOOTSTRAP_RULE = "bootstrap-principal";

const BEGINNINGS: readonly string[] = [
  "cluster_validate",
  "cluster_plan",
  "cluster_import",
  "cluster_apply",
  "cluster_read_status",
  "cluster_read_history",
];

export function bootstrapDecision(
  { settings, caller }: Asked,
  request: Exclude<AccessRequest, { kind: "graph" }>,
): Judged {
  // Nobody can approve yet, and nothing that is protected may stay so for ever.
  const action = request.kind === "unprotect" ? "cluster_apply" : controlAction(request);
  const own = settings.bootstrap_principal !== null && caller.canonical === settings.bootstrap_principal;
  const facts = { policy_digest: null, context: { bootstrap: own, canonical: caller.canonical } };
  if (own && BEGINNINGS.includes(action))
    return { ...facts, decision: { tag: "allowed", rules: [BOOTSTRAP_RULE] } };
  const message = own
    ? `no policy rules the cluster yet, and '${action}' is not among what it takes to begin; bind one to it that names you (applies_to: [cluster]) and apply it`
    : "no policy of the cluster is applied yet";
  return { ...facts, decision: { tag: "denied", message, rules: [], masked: !own } };
}
