/** HttpHandler: events of the gateways to the API. Only they may invoke it, and only its own APIs are believed. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { createAccess } from "../lib/access/cedar-access.ts";
import { identifyGateway } from "../lib/access/identity.ts";
import { createApi } from "../lib/api/create-api.ts";
import { handleHttpEvent } from "../lib/api/handle-http-event.ts";
import { gatewaysOf } from "./gateways.ts";
import type { Runtime } from "./runtime.ts";

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export function createHttpHandler({ environment, deployment, log }: Runtime): HttpHandler {
  const gateways = gatewaysOf(environment, deployment.settings);
  const app = createApi({
    deployment,
    access: createAccess(deployment.settings, deployment.records),
    identify: async (origin) => identifyGateway(origin, gateways, deployment.settings),
  });
  return async (event, context) => {
    log.begin(context);
    return handleHttpEvent(app, event);
  };
}
