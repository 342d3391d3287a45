/**
 * Loads of uploaded rows: ordered by who may change the graph, and shown to them until the end, whether or not they may see
 * runs. Policy is asked each time.
 */
import { z } from "@hono/zod-openapi";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import { LOAD_MODES } from "../engine/engine.ts";
import { readUploadTicket } from "../worker/upload-ticket.ts";
import type { ClusterExchange } from "./api.ts";
import { runShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { WAIT_SECONDS_MAX } from "./limits.ts";
import { orderAnswer } from "./order-answer.ts";
import { ownRun } from "./own-run.ts";
import { missingGraph, permit } from "./permit.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";
import { waitForRun } from "./wait-for-run.ts";

const order = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/graphs/{graph}/loads",
    operation: "orderLoad",
    summary: "Orders a load of uploaded rows",
    body: z.strictObject({ upload_id: z.string().max(64), mode: z.enum(LOAD_MODES) }),
    answers: { 202: { description: "The run; GET the load to see how far it is", shape: runShape } },
  },
  null,
  async (exchange, { body }) => {
    const { api, cluster, caller } = exchange;
    const graph = await changeable(exchange);
    if (typeof graph !== "string") return graph;
    const read = await readUploadTicket(api.deployment, cluster, body.upload_id);
    if (read.tag === "unavailable") return refusal(503, "api_unavailable", "upload_id", `${read.reason}.`);
    // A link is good for whom it was given to, and for the graph that they may change.
    const own =
      read.tag === "found" &&
      read.ticket.purpose === "load" &&
      read.ticket.graph === graph &&
      read.ticket.caller.canonical === caller.canonical;
    if (read.tag !== "found" || !own) {
      const message = `There is no upload "${body.upload_id}" of yours for graph.${graph}.`;
      return refusal(404, "upload_not_found", "upload_id", message);
    }
    return orderAnswer(exchange, { kind: "load", graph, mode: body.mode, upload_key: read.ticket.key });
  },
);

const show = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/graphs/{graph}/loads/{run}",
    operation: "getLoad",
    summary:
      "The run of a load and what it has answered; with `wait`, as soon as it has ended or after that many seconds",
    query: z.strictObject({ wait: z.coerce.number().int().nonnegative().max(WAIT_SECONDS_MAX).default(0) }),
    answers: { 200: { description: "The run", shape: runShape } },
  },
  null,
  async (exchange, { query }) => {
    const graph = await changeable(exchange);
    if (typeof graph !== "string") return graph;
    const own = await ownRun(exchange, notFound, ({ load }) => load?.graph === graph);
    if (typeof own !== "string") return own;
    const read = await waitForRun(exchange, own, query.wait);
    return read.tag === "found" ? jsonAnswer(read.view) : refusalOf(read.diagnostics);
  },
);

/** The graph of the path, if the caller may change it now. */
async function changeable(exchange: ClusterExchange): Promise<GraphId | Refusal> {
  const name = exchange.params["graph"] ?? "";
  const graph = parseGraphId(name);
  if (graph === null) return missingGraph(exchange, name);
  return (await permit(exchange, { kind: "graph", action: "change", graph })) ?? graph;
}

function notFound(id: string): Refusal {
  return refusal(404, "load_not_found", id, `There is no load "${id}" of yours of this graph.`);
}

export const LOAD_ROUTES: readonly ApiRoute[] = [order, show];
