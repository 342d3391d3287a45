/** HttpHandler: events of the gateway to the API. Only the gateway may invoke it, and only its own API is believed. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { createAccess } from "../lib/access/cedar-access.ts";
import { identifyGateway } from "../lib/access/identity.ts";
import { createApi } from "../lib/api/create-api.ts";
import { handleHttpEvent } from "../lib/api/handle-http-event.ts";
import type { Runtime } from "./runtime.ts";

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const STAGE = "$default";

export function createHttpHandler({ environment, deployment, log }: Runtime): HttpHandler {
  const gateway = { api_id: environment.GRAPHFORM_API_ID, stage: STAGE };
  const app = createApi({
    deployment,
    access: createAccess(deployment.settings, deployment.records),
    identify: async (origin) => identifyGateway(origin, gateway, deployment.settings),
  });
  return async (event, context) => {
    log.begin(context);
    return handleHttpEvent(app, event);
  };
}
