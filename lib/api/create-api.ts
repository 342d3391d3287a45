/**
 * The HTTP API of a deployment as one Hono app: the same behind API Gateway and in `graphform serve`. All routes are in
 * the list below; the OpenAPI document is made from it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { Api, ApiParts, Exchange, RequestOrigin } from "./api.ts";
import { APPROVAL_ROUTES } from "./approval-routes.ts";
import { CLUSTER_ROUTES } from "./cluster-routes.ts";
import { EXPORT_ROUTES } from "./export-routes.ts";
import { GRAPH_ROUTES } from "./graph-routes.ts";
import { HISTORY_ROUTES } from "./history-routes.ts";
import { openApiRoute } from "./open-api-route.ts";
import { OPERATOR_ROUTES } from "./operator-routes.ts";
import { createPageTokens } from "./page-tokens.ts";
import { PLAN_ROUTES } from "./plan-routes.ts";
import { problemResponse, type Refusal, refusal } from "./problem.ts";
import { QUERY_ROUTES } from "./query-routes.ts";
import { type ApiRoute, unauthenticated } from "./route.ts";
import { RUN_ROUTES } from "./run-routes.ts";
import { STATUS_ROUTES } from "./status-routes.ts";
import { UPLOAD_ROUTES } from "./upload-routes.ts";

/** What a server hands to the app with a request: the gateway's request context, if there is one. */
export interface ApiBindings {
  readonly requestContext?: unknown;
}

export type ApiApp = OpenAPIHono<{ Bindings: ApiBindings }>;

export const API_ROUTES: readonly ApiRoute[] = [
  ...CLUSTER_ROUTES,
  ...STATUS_ROUTES,
  ...HISTORY_ROUTES,
  ...QUERY_ROUTES,
  ...UPLOAD_ROUTES,
  ...PLAN_ROUTES,
  ...RUN_ROUTES,
  ...APPROVAL_ROUTES,
  ...GRAPH_ROUTES,
  ...EXPORT_ROUTES,
  ...OPERATOR_ROUTES,
];

export function createApi(parts: ApiParts): ApiApp {
  const api: Api = { ...parts, pages: createPageTokens(parts.deployment) };
  const app: ApiApp = new OpenAPIHono();
  const routes = [openApiRoute(() => app), ...API_ROUTES];
  for (const { config, pattern, answer } of routes) {
    app.openAPIRegistry.registerPath(config);
    app.on(config.method, pattern, async (context) => finished(exchangeOf(api, context), answer));
  }
  app.notFound((context) => finished(exchangeOf(api, context), unknownRoute));
  app.onError((error, context) => {
    const exchange = exchangeOf(api, context);
    const { request_id } = exchange;
    api.deployment.log.warn({ event: "api.defect", request_id, reason: error.stack ?? String(error) });
    const message = "The request met a defect of the API.";
    return problemResponse(refusal(500, "api_internal", "", message), request_id);
  });
  return app;
}

function exchangeOf(api: Api, context: Context<{ Bindings: ApiBindings }>): Exchange {
  const { req } = context;
  const origin: RequestOrigin = {
    context: context.env?.requestContext ?? null,
    authorization: req.header("authorization") ?? null,
  };
  const request_id = gatewayRequestId(origin.context) ?? api.deployment.ids.next();
  return { api, request: req.raw, params: req.param(), origin, request_id };
}

function gatewayRequestId(context: unknown): string | null {
  if (typeof context !== "object" || context === null || !("requestId" in context)) return null;
  return typeof context.requestId === "string" ? context.requestId : null;
}

async function finished(
  exchange: Exchange,
  answer: (exchange: Exchange) => Promise<Response>,
): Promise<Response> {
  const response = await answer(exchange);
  response.headers.set("x-request-id", exchange.request_id);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  return response;
}

/** Nobody without an identity learns which routes there are. */
async function unknownRoute(exchange: Exchange): Promise<Response> {
  const caller = await exchange.api.identify(exchange.origin);
  const { pathname } = new URL(exchange.request.url);
  const message = `There is no such route: ${exchange.request.method} ${pathname}.`;
  const fix = "The routes, each with its method, are described at /v1/openapi.json.";
  const missing = diagnostic("api_not_found", { path: pathname, message, fix });
  const refused: Refusal = { status: 404, diagnostics: [missing] };
  return problemResponse(caller === null ? unauthenticated() : refused, exchange.request_id);
}
