/** Gateways: the APIs in front of the functions, each with what it verifies its callers by (infra/http-api.ts). */
import type { GatewayIdentity } from "../lib/access/identity.ts";
import type { DeploymentSettings } from "../lib/worker/deployment.ts";
import type { Environment } from "./environment.ts";

const STAGE = "$default";

export function gatewaysOf(
  environment: Pick<Environment, "GRAPHFORM_API_ID" | "GRAPHFORM_TOKEN_API_ID">,
  { issuers }: Pick<DeploymentSettings, "issuers">,
): readonly GatewayIdentity[] {
  const { GRAPHFORM_API_ID: api_id, GRAPHFORM_TOKEN_API_ID: token_api_id } = environment;
  // A deployment that has one API knows an issuer if that API takes tokens.
  if (token_api_id === undefined) {
    return [{ api_id, stage: STAGE, kind: Object.keys(issuers).length > 0 ? "jwt" : "iam" }];
  }
  return [
    { api_id, stage: STAGE, kind: "iam" },
    { api_id: token_api_id, stage: STAGE, kind: "jwt" },
  ];
}
