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
import { finishedAnswer } from "./finished-answer.ts";
import { GRAPH_ROUTES } from "./graph-routes.ts";
import { HISTORY_ROUTES } from "./history-routes.ts";
import { LOAD_ROUTES } from "./load-routes.ts";
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

interface ApiEnv {
  Bindings: ApiBindings;
  /** Made by whatever meets the request first, so that all that is told of it goes by one id. */
  Variables: { exchange?: Exchange };
}

export type ApiApp = OpenAPIHono<ApiEnv>;

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
  ...LOAD_ROUTES,
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
    const { request_id } = exchangeOf(api, context);
    api.deployment.log.warn({ event: "api.defect", request_id, reason: error.stack ?? String(error) });
    const message = "The request met a defect of the API.";
    return finishedAnswer(problemResponse(refusal(500, "api_internal", "", message), request_id), request_id);
  });
  return app;
}

function exchangeOf(api: Api, context: Context<ApiEnv>): Exchange {
  const known = context.get("exchange");
  if (known !== undefined) return known;
  const { req } = context;
  const origin: RequestOrigin = {
    context: context.env?.requestContext ?? null,
    authorization: req.header("authorization") ?? null,
  };
  const request_id = gatewayRequestId(origin.context) ?? api.deployment.ids.next();
  const exchange = { api, request: req.raw, params: req.param(), origin, request_id };
  context.set("exchange", exchange);
  return exchange;
}

function gatewayRequestId(context: unknown): string | null {
  if (typeof context !== "object" || context === null || !("requestId" in context)) return null;
  return typeof context.requestId === "string" ? context.requestId : null;
}

async function finished(
  exchange: Exchange,
  answer: (exchange: Exchange) => Promise<Response>,
): Promise<Response> {
  return finishedAnswer(await answer(exchange), exchange.request_id);
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
