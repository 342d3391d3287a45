/** Runs: what was ordered, how far it is, and orders that need no config. */
import { z } from "@hono/zod-openapi";
import { findRun } from "../apply/runs/find-run.ts";
import { isUlid, type RunId } from "../digest/ids.ts";
import { cancelRun } from "../operate/cancel-run.ts";
import { listRunViews, type RunView, shownRun } from "../worker/run-view.ts";
import type { ClusterExchange } from "./api.ts";
import { runShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { WAIT_SECONDS_MAX } from "./limits.ts";
import { answeredBefore, once } from "./once.ts";
import { orderAnswer } from "./order-answer.ts";
import { pageOf, pageQuery, pageShape, pageStart } from "./page.ts";
import { MAY_APPLY, permit } from "./permit.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";
import { waitForRun } from "./wait-for-run.ts";
import { withoutRowKeys } from "./without-row-keys.ts";

const ordered = { 202: { description: "The run; GET it to see how far it is", shape: runShape } };
const nothing = z.strictObject({});

interface OrderFacts {
  readonly kind: "import" | "refresh" | "recover";
  readonly operation: string;
  readonly summary: string;
  readonly needs: "cluster_import" | "cluster_refresh";
}

/** A route whose path names what it orders, and that takes nothing else. */
function orderRoute({ kind, operation, summary, needs }: OrderFacts): ApiRoute {
  const path = `/v1/clusters/{cluster}/${kind}`;
  return clusterRoute(
    { method: "post", path, operation, summary, body: nothing, answers: ordered },
    needs,
    (exchange) => orderAnswer(exchange, { kind }),
  );
}

const importCluster = orderRoute({
  kind: "import",
  operation: "orderImport",
  summary: "Orders an import: the ledger of a new cluster, or one that was lost",
  needs: "cluster_import",
});

const refresh = orderRoute({
  kind: "refresh",
  operation: "orderRefresh",
  summary: "Orders a refresh: records what lives and has drifted",
  needs: "cluster_refresh",
});

const recover = orderRoute({
  kind: "recover",
  operation: "orderRecovery",
  summary: "Orders a recovery: settles what earlier runs left open",
  needs: "cluster_refresh",
});

const list = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/runs",
    operation: "listRuns",
    summary: "Runs, newest first",
    query: pageQuery,
    answers: { 200: { description: "A page", shape: pageShape(z.looseObject({ run_id: z.string() })) } },
  },
  "cluster_read_status",
  async (exchange, { query }) => {
    const start = await pageStart(exchange, query.page);
    if (start.tag === "refused") return start.refusal;
    const before = start.after === null ? null : (start.after as RunId);
    const found = await listRunViews(exchange.ports, { limit: query.limit, before });
    if (found.tag === "refused") return refusalOf(found.diagnostics);
    const page = await pageOf(exchange, found.items, found.next);
    return "status" in page ? page : jsonAnswer({ ...page, diagnostics: found.diagnostics });
  },
);

const show = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/runs/{run}",
    operation: "getRun",
    summary:
      "A run and what it has answered; with `wait`, as soon as it has ended or after that many seconds",
    query: z.strictObject({ wait: z.coerce.number().int().nonnegative().max(WAIT_SECONDS_MAX).default(0) }),
    answers: { 200: { description: "The run", shape: runShape } },
  },
  "cluster_read_status",
  async (exchange, { query }) => {
    const id = runIdIn(exchange);
    if (typeof id !== "string") return id;
    const read = await waitForRun(exchange, id, query.wait);
    if (read.tag !== "found") return refusalOf(read.diagnostics);
    const { view } = read;
    const seen = view.output === null || (await maySeeOutput(exchange, view.run));
    return jsonAnswer(seen ? await withoutRowKeys(exchange, view) : { ...view, output: null });
  },
);

/**
 * What a plan says is for whoever may plan, as at its own route; what a load says quotes keys of rows, and
 * what an export says counts them; both are for whoever may read them. Whoever ordered a run sees what it came to.
 */
async function maySeeOutput(exchange: ClusterExchange, run: RunView["run"]): Promise<boolean> {
  if (run.actor !== null && run.actor === exchange.caller.actor) return true;
  const rows = run.load ?? run.export;
  if (rows !== null) {
    const { graph } = rows;
    return (await permit(exchange, { kind: "graph", action: "read", graph })) === null;
  }
  if (run.operation !== "apply" || run.mode !== "plan") return true;
  return (await permit(exchange, { kind: "control", action: "cluster_plan" })) === null;
}

function runIdIn({ params }: ClusterExchange): RunId | Refusal {
  const id = params["run"] ?? "";
  return isUlid(id) ? (id as RunId) : refusal(404, "run_not_found", id, `There is no run "${id}".`);
}

const cancel = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/runs/{run}/cancel",
    operation: "cancelRun",
    summary: "Nobody goes on with the run; what it has done stays",
    body: nothing,
    answers: { 200: { description: "The run", shape: runShape } },
  },
  "cluster_read_status",
  async (exchange, { body }) => {
    const id = runIdIn(exchange);
    if (typeof id !== "string") return id;
    const found = await findRun(exchange.ports, id);
    if (found.tag === "refused") return refusalOf(found.diagnostics);
    const own = found.stored.record.actor === exchange.caller.actor;
    const denied = own ? null : await permit(exchange, MAY_APPLY);
    if (denied !== null) return answeredBefore(exchange, denied, body);
    return once(exchange, body, async () => {
      const { invocation_ms } = exchange.api.deployment.settings;
      const { run, diagnostics } = await cancelRun(exchange.ports, id, invocation_ms);
      if (run === null) return refusalOf(diagnostics);
      return jsonAnswer({ run: shownRun(run), output: null, diagnostics });
    });
  },
);

export const RUN_ROUTES: readonly ApiRoute[] = [importCluster, refresh, recover, list, show, cancel];
