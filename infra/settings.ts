/** The settings of the deployment that the functions read, from the inputs of the stack. */
import type { DeploymentSettings } from "../lib/worker/deployment.ts";
import { tokensOf } from "./authorizer.ts";
import type { Inputs } from "./inputs.ts";
import { WORKER_RESERVE_S } from "./limits.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

export function settingsOf(inputs: Inputs): DeploymentSettings {
  const { authorizer, identity, rules } = inputs;
  const jwt = tokensOf(authorizer);
  return {
    format_version: 1,
    bootstrap_principal: inputs.bootstrap_principal,
    issuers: jwt === null ? {} : { [jwt.issuer]: jwt.alias },
    group_claims: jwt === null || jwt.group_claim === null ? {} : { [jwt.alias]: jwt.group_claim },
    identity_map: identity.map,
    pinned_session_roles: identity.pinned_session_roles,
    uploaders: identity.uploaders,
    clusters: inputs.clusters,
    rules: { ...rules, delete_grace_ms: inputs.grace_days * DAY_MS },
    unbound_graph: inputs.unbound_graph,
    invocation_ms: (inputs.worker_minutes * 60 - WORKER_RESERVE_S) * 1000,
  };
}
