/** What an operator does to one graph: restore, protect, unprotect, and take its rows out. */
import { z } from "@hono/zod-openapi";
import type { AccessRequest } from "../access/access.ts";
import { exportGraph } from "../apply/export-graph.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import type { ChangeFacts } from "../policy/control-facts.ts";
import type { ClusterExchange } from "./api.ts";
import { incarnationShape, reasonShape } from "./body-shapes.ts";
import { operateShape } from "./document-shapes.ts";
import { leasedAnswer } from "./leased-answer.ts";
import { answeredBefore, once } from "./once.ts";
import { missingGraph, permit } from "./permit.ts";
import { type ApiRoute, clusterRoute, type RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";
import { streamedLines } from "./streamed-lines.ts";

const answers = { 200: { description: "What was done", shape: operateShape } };

/** What a command at the API runs with: no config folder, and the caller as its actor. */
export function operator({ caller }: ClusterExchange) {
  return { desired: NO_CONFIG, actor: caller.actor, trigger: "api" } as const;
}

type OnGraph = (graph: GraphId) => Promise<RouteResult>;

/** Asks for `cluster_apply` with the facts of the change, then does it once. */
function onGraph(
  exchange: ClusterExchange,
  changes: Omit<ChangeFacts, "graphs" | "kinds">,
  body: unknown,
  perform: OnGraph,
): Promise<RouteResult> {
  const graphs = [exchange.params["graph"] ?? ""];
  const operate = { kind: "operate", changes: { ...changes, kinds: ["graph"], graphs } } as const;
  return onGraphIf(exchange, operate, body, perform);
}

async function onGraphIf(
  exchange: ClusterExchange,
  asked: AccessRequest,
  body: unknown,
  perform: OnGraph,
): Promise<RouteResult> {
  const name = exchange.params["graph"] ?? "";
  const denied = await permit(exchange, asked);
  if (denied !== null) return answeredBefore(exchange, denied, body);
  const graph = parseGraphId(name);
  if (graph === null) return missingGraph(exchange, name);
  return once(exchange, body, () => perform(graph));
}

const restore = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/graphs/{graph}/restore",
    operation: "restoreGraph",
    summary: "A deleted graph lives again as its last version was",
    body: z.strictObject({ incarnation: incarnationShape.nullish() }),
    answers,
  },
  null,
  (exchange, { body }) =>
    onGraph(exchange, { operations: ["create"], max_tier: "catalog" }, body, async (graph) => {
      const command = { ...operator(exchange), graph, incarnation: body.incarnation ?? null };
      const { restoreGraph } = await import("../operate/restore-graph.ts");
      return leasedAnswer(exchange, restoreGraph(exchange.ports, command));
    }),
);

const protect = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/graphs/{graph}/protect",
    operation: "protectGraph",
    summary: "Nothing deletes the graph until somebody ends its protection",
    body: z.strictObject({ reason: reasonShape }),
    answers,
  },
  null,
  (exchange, { body }) =>
    onGraph(exchange, { operations: ["update"], max_tier: "catalog" }, body, async (graph) => {
      const command = { ...operator(exchange), verb: "protect", graph, reason: body.reason ?? null } as const;
      const { protectGraph } = await import("../operate/protect-graph.ts");
      return leasedAnswer(exchange, protectGraph(exchange.ports, command));
    }),
);

function unprotecting({ params }: ClusterExchange): AccessRequest {
  return { kind: "unprotect", graph: params["graph"] ?? "" };
}

const unprotect = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/graphs/{graph}/unprotect",
    operation: "unprotectGraph",
    summary: "The graph can be deleted again",
    body: z.strictObject({ reason: reasonShape }),
    answers,
  },
  null,
  (exchange, { body }) =>
    onGraphIf(exchange, unprotecting(exchange), body, async (graph) => {
      const command = {
        ...operator(exchange),
        verb: "unprotect",
        graph,
        reason: body.reason ?? null,
      } as const;
      const { protectGraph } = await import("../operate/protect-graph.ts");
      return leasedAnswer(exchange, protectGraph(exchange.ports, command));
    }),
);

const rows = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/graphs/{graph}/export",
    operation: "exportGraph",
    summary: "The rows of one version of the graph, as lines that a load takes again",
    query: z.strictObject({
      at: z.coerce.number().int().positive().optional(),
      edge_ids: z.enum(["true", "false"]).default("false"),
    }),
    answers: { 200: { description: "JSON lines", content_type: "application/x-ndjson", shape: z.string() } },
  },
  null,
  async (exchange, { query }) => {
    const name = exchange.params["graph"] ?? "";
    const graph = parseGraphId(name);
    if (graph === null) return missingGraph(exchange, name);
    const denied = await permit(exchange, { kind: "graph", action: "export", graph });
    if (denied !== null) return denied;
    const options = { version: query.at, edge_ids: query.edge_ids === "true" };
    const found = await exportGraph(exchange.ports.engine, graph, options);
    if (found.tag === "failed") return refusalOf(found.diagnostics);
    return streamedLines(exchange, found.lines, { "x-graph-version": String(found.version) });
  },
);

export const GRAPH_ROUTES: readonly ApiRoute[] = [restore, protect, unprotect, rows];
