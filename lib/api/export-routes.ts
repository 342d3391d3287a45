/**
 * Exports that are too long for an answer: a run writes the rows into a file, and whoever ordered it gets a link to it,
 * each time only if the graph's policy still lets them.
 */
import { z } from "@hono/zod-openapi";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import { exportKey } from "../worker/export-key.ts";
import { EXPORT_KEPT_MS } from "../worker/limits.ts";
import type { RunView } from "../worker/run-view.ts";
import type { ClusterExchange } from "./api.ts";
import { exportShape, runShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { WAIT_SECONDS_MAX } from "./limits.ts";
import { orderAnswer } from "./order-answer.ts";
import { ownRun } from "./own-run.ts";
import { missingGraph, permit } from "./permit.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute, type RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";
import { waitForRun } from "./wait-for-run.ts";

const order = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/graphs/{graph}/exports",
    operation: "orderExport",
    summary: "Orders an export into a file, for rows that are too many for one answer",
    body: z.strictObject({
      at: z.int().positive().nullish(),
      edge_ids: z.boolean().default(false),
    }),
    answers: { 202: { description: "The run; GET the export to see how far it is", shape: runShape } },
  },
  null,
  async (exchange, { body }) => {
    const graph = await exportable(exchange);
    if (typeof graph !== "string") return graph;
    const { at = null, edge_ids } = body;
    return orderAnswer(exchange, { kind: "export", graph, version: at, edge_ids });
  },
);

const show = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/graphs/{graph}/exports/{run}",
    operation: "getExport",
    summary:
      "The run of an export, and once it has ended a link to its rows; with `wait`, at most that many seconds later",
    query: z.strictObject({ wait: z.coerce.number().int().nonnegative().max(WAIT_SECONDS_MAX).default(0) }),
    answers: { 200: { description: "The run, and the link or null", shape: exportShape } },
  },
  null,
  async (exchange, { query }) => {
    const graph = await exportable(exchange);
    if (typeof graph !== "string") return graph;
    const own = await ownRun(exchange, notFound, (record) => record.export?.graph === graph);
    if (typeof own !== "string") return own;
    const read = await waitForRun(exchange, own, query.wait);
    return read.tag === "found" ? exportAnswer(exchange, graph, read.view) : refusalOf(read.diagnostics);
  },
);

/** The graph of the path, if the caller may export it now. */
async function exportable(exchange: ClusterExchange): Promise<GraphId | Refusal> {
  const name = exchange.params["graph"] ?? "";
  const graph = parseGraphId(name);
  if (graph === null) return missingGraph(exchange, name);
  return (await permit(exchange, { kind: "graph", action: "export", graph })) ?? graph;
}

function notFound(id: string): Refusal {
  return refusal(404, "export_not_found", id, `There is no export "${id}" of yours of this graph.`);
}

/** The run may have been waited for, so policy is asked once more before a link is signed; that decision is on record. */
async function exportAnswer(exchange: ClusterExchange, graph: GraphId, view: RunView): Promise<RouteResult> {
  const { api, cluster } = exchange;
  const { run, output } = view;
  const version = run.outcome === "exported" ? Number(output?.output["manifest_version"]) : Number.NaN;
  if (!Number.isSafeInteger(version)) return unkeptAnswer({ ...view, link: null });
  if (hasExpired(run, api.deployment.clock.nowMs())) return notFound(run.run_id);
  const refused = await permit(exchange, { kind: "graph", action: "export", graph });
  if (refused !== null) return refused;
  const link = await api.deployment.exports.presign(exportKey(cluster, run.run_id, version));
  if (link === null) {
    return refusal(503, "export_link_failed", run.run_id, "The link to the rows could not be signed.");
  }
  return unkeptAnswer({ ...view, link });
}

function hasExpired({ ended_at }: RunRecord, nowMs: number): boolean {
  return ended_at !== null && nowMs - Date.parse(ended_at) > EXPORT_KEPT_MS;
}

/** A link is a permission, which no cache may keep. */
function unkeptAnswer(document: unknown): Response {
  const answer = jsonAnswer(document);
  answer.headers.set("cache-control", "no-store");
  return answer;
}

export const EXPORT_ROUTES: readonly ApiRoute[] = [order, show];
