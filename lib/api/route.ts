/**
 * Route: one row of the API: what the OpenAPI document says of it, and what answers it. A route is open, or asks for an
 * identity, or is about a cluster; in this order: identity, cluster, permission, then the request is parsed strictly,
 * so that a caller who may not is told nothing about what the request would have met (spec/policy 5.3).
 */
import { createRoute, type RouteConfig, z } from "@hono/zod-openapi";
import type { AccessRequest, PlainAction } from "../access/access.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { parseClusterName } from "../digest/ids.ts";
import type { CallerExchange, ClusterExchange, Exchange } from "./api.ts";
import { JSON_TYPES, wrongType } from "./body-type.ts";
import { IDEMPOTENCY_KEY_CHARACTERS_MAX, JSON_BODY_BYTES_MAX } from "./limits.ts";
import { permit, unknownCluster } from "./permit.ts";
import { PROBLEM_CONTENT_TYPE, problemResponse, type Refusal, refusal } from "./problem.ts";
import { problemShape } from "./problem-shape.ts";
import { readBody } from "./read-body.ts";

export interface RouteAnswer {
  readonly description: string;
  readonly content_type?: string;
  readonly shape?: z.ZodType;
}

export interface RouteFacts<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: "get" | "post";
  /** In the form of OpenAPI: `/v1/clusters/{cluster}/status`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly query?: Query;
  /** JSON; a route that takes other bytes has none and names their types. */
  readonly body?: Body;
  readonly body_types?: readonly string[];
  readonly answers: Readonly<Record<number, RouteAnswer>>;
}

export interface ApiRoute {
  readonly config: RouteConfig;
  /** The path as the router wants it. */
  readonly pattern: string;
  readonly answer: (exchange: Exchange) => Promise<Response>;
}

export interface RouteInput<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
}

export type RouteResult = Response | Refusal;

type Handle<Each extends Exchange, Query extends z.ZodObject, Body extends z.ZodType> = (
  exchange: Each,
  input: RouteInput<Query, Body>,
) => Promise<RouteResult>;

/** For everybody. */
export function openRoute<Query extends z.ZodObject, Body extends z.ZodType>(
  facts: RouteFacts<Query, Body>,
  handle: Handle<Exchange, Query, Body>,
): ApiRoute {
  return routeOf(facts, "open", (exchange) => withInput(exchange, facts, (input) => handle(exchange, input)));
}

/** For everybody with an identity. */
export function callerRoute<Query extends z.ZodObject, Body extends z.ZodType>(
  facts: RouteFacts<Query, Body>,
  handle: Handle<CallerExchange, Query, Body>,
): ApiRoute {
  return routeOf(facts, "caller", (exchange) =>
    identified(exchange, (known) => withInput(known, facts, (input) => handle(known, input))),
  );
}

/** About one cluster. `needs` is asked before the request is looked at; null where the request says what to ask. */
export function clusterRoute<Query extends z.ZodObject, Body extends z.ZodType>(
  facts: RouteFacts<Query, Body>,
  needs: PlainAction | AccessRequest | null,
  handle: Handle<ClusterExchange, Query, Body>,
): ApiRoute {
  const asked = typeof needs === "string" ? ({ kind: "control", action: needs } as const) : needs;
  return routeOf(facts, "cluster", (exchange) =>
    identified(exchange, async (known) => {
      const about = aboutCluster(known);
      // Where the request says what to ask about, it is read first in every cluster, also in one that there is not.
      if ("status" in about) return asked === null ? withInput(known, facts, async () => about) : about;
      const denied = asked === null ? null : await permit(about, asked);
      return denied ?? withInput(about, facts, (input) => handle(about, input));
    }),
  );
}

async function identified(
  exchange: Exchange,
  next: (exchange: CallerExchange) => Promise<RouteResult>,
): Promise<RouteResult> {
  const caller = await exchange.api.identify(exchange.origin);
  return caller === null ? unauthenticated() : next({ ...exchange, caller });
}

export function unauthenticated(): Refusal {
  return refusal(401, "api_unauthenticated", "authorization", "It is not known who makes the request.");
}

function aboutCluster(exchange: CallerExchange): ClusterExchange | Refusal {
  const { deployment } = exchange.api;
  const cluster = parseClusterName(exchange.params["cluster"] ?? "");
  const { clusters } = deployment.settings;
  if (cluster === null || clusters?.includes(cluster) === false) return unknownCluster(exchange);
  return { ...exchange, cluster, ports: deployment.open(cluster) };
}

async function withInput<Query extends z.ZodObject, Body extends z.ZodType>(
  { request }: Exchange,
  facts: RouteFacts<Query, Body>,
  handle: (input: RouteInput<Query, Body>) => Promise<RouteResult>,
): Promise<RouteResult> {
  const asked = Object.fromEntries(new URL(request.url).searchParams);
  const query = (facts.query ?? z.strictObject({})).safeParse(asked);
  if (!query.success) return notUnderstood("query", query.error);
  if (facts.body === undefined) {
    return handle({ query: query.data as z.output<Query>, body: undefined as z.output<Body> });
  }
  const read = await readBody(request, JSON_BODY_BYTES_MAX);
  if (read.tag === "refused") return read.refusal;
  const wrong = wrongType(request, read.bytes, JSON_TYPES);
  if (wrong !== null) return wrong;
  const document = parseJson(read.bytes);
  if (document === undefined) {
    return refusal(400, "api_request_invalid", "body", "The body of the request is not valid JSON.");
  }
  const body = facts.body.safeParse(document);
  if (!body.success) return notUnderstood("body", body.error);
  return handle({ query: query.data as z.output<Query>, body: body.data });
}

/** An empty body says nothing, which is what an empty object says. */
function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notUnderstood(place: "query" | "body", { issues }: z.ZodError): Refusal {
  const problems = issues.flatMap((issue) => {
    const at = [place, ...issue.path.map(String)].join(".");
    if (issue.code !== "unrecognized_keys") return [invalidAt(at, issue.message)];
    return issue.keys.map((key) => invalidAt(`${at}.${key}`, "there is nothing of this name"));
  });
  return { status: 422, diagnostics: problems };
}

function invalidAt(at: string, what: string): Diagnostic {
  return diagnostic("api_request_invalid", { path: at, message: `${at}: ${what}.` });
}

function routeOf<Query extends z.ZodObject, Body extends z.ZodType>(
  facts: RouteFacts<Query, Body>,
  kind: "open" | "caller" | "cluster",
  handle: (exchange: Exchange) => Promise<RouteResult>,
): ApiRoute {
  const config = createRoute(configOf(facts, kind));
  const answer = async (exchange: Exchange): Promise<Response> => {
    const result = await handle(exchange);
    return result instanceof Response ? result : problemResponse(result, exchange.request_id);
  };
  return { config, pattern: config.getRoutingPath(), answer };
}

function configOf<Query extends z.ZodObject, Body extends z.ZodType>(
  { method, path, operation, summary, query, body, body_types, answers }: RouteFacts<Query, Body>,
  kind: "open" | "caller" | "cluster",
): RouteConfig {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const content = body === undefined ? null : { "application/json": { schema: body } };
  const binary = { schema: z.string().meta({ format: "binary" }) };
  const bytes =
    body_types === undefined ? null : Object.fromEntries(body_types.map((type) => [type, binary]));
  const problem = { [PROBLEM_CONTENT_TYPE]: { schema: problemShape } };
  const success = Object.entries(answers).map(
    ([status, each]) => [status, { description: each.description, ...contentOf(each) }] as const,
  );
  const headers = z.object({ "idempotency-key": z.string().max(IDEMPOTENCY_KEY_CHARACTERS_MAX).optional() });
  return {
    method,
    path,
    operationId: operation,
    summary,
    security: kind === "open" ? [] : [{ iam: [] }, { bearer: [] }],
    request: {
      ...(names.length === 0 ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(method === "post" ? { headers } : {}),
      ...(content === null && bytes === null ? {} : { body: { content: { ...content, ...bytes } } }),
    },
    responses: {
      ...Object.fromEntries(success),
      default: { description: "Why the request came to nothing.", content: problem },
    },
  };
}

function contentOf({ shape, content_type = "application/json" }: RouteAnswer) {
  return shape === undefined ? {} : { content: { [content_type]: { schema: shape } } };
}
