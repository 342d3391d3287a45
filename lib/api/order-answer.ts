/** Orders work for a caller: 202 with the run, or why there is none. The key of the request is the key of the run. */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import type { GitOrigin } from "../ledger/receipt.ts";
import { earlierOrder } from "../worker/earlier-order.ts";
import { orderRun } from "../worker/order-run.ts";
import type { RunAsk, RunOrdering } from "../worker/run-ordering.ts";
import { shownRun } from "../worker/run-view.ts";
import type { ClusterExchange } from "./api.ts";
import { jsonAnswer } from "./json-answer.ts";
import { keyOf, REPLAYED_HEADER } from "./once.ts";
import { isDenial } from "./permit.ts";
import type { Refusal } from "./problem.ts";
import type { RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export async function orderAnswer(
  exchange: ClusterExchange,
  ask: RunAsk,
  git: GitOrigin | null = null,
): Promise<RouteResult> {
  const { api, cluster } = exchange;
  const ordered = await orderRun(api.deployment, cluster, orderingOf(exchange, ask, git));
  if (ordered.tag === "unknown") return { status: 503, diagnostics: ordered.diagnostics };
  if (ordered.tag === "refused") return refusalOf(ordered.diagnostics);
  return runAnswer(exchange, ordered.record);
}

/**
 * What this very order of this caller was answered when they still might give it, else the denial: a run may have used
 * up, or changed, what allowed it. Nothing is ordered, and what has become of the run is not told.
 */
export async function orderedBefore(
  exchange: ClusterExchange,
  denied: Refusal,
  ask: RunAsk,
  git: GitOrigin | null = null,
): Promise<RouteResult> {
  if (!isDenial(denied)) return denied;
  const earlier = await earlierOrder(exchange.ports, orderingOf(exchange, ask, git));
  switch (earlier.tag) {
    case "none":
      return denied;
    case "unknown":
      return { status: 503, diagnostics: earlier.diagnostics };
    case "ordered": {
      const answer = runAnswer(exchange, earlier.record);
      answer.headers.set(REPLAYED_HEADER, "true");
      return answer;
    }
    default:
      return assertNever(earlier);
  }
}

function orderingOf(exchange: ClusterExchange, ask: RunAsk, git: GitOrigin | null): RunOrdering {
  const { caller } = exchange;
  const idempotency_key = keyOf(exchange);
  return { ...ask, actor: caller.actor, trigger: "api", git, idempotency_key, caller };
}

function runAnswer({ cluster }: ClusterExchange, record: RunRecord): Response {
  const answer = jsonAnswer({ run: shownRun(record), output: null, diagnostics: [] }, 202);
  answer.headers.set("location", `/v1/clusters/${cluster}/${placeOf(record)}/${record.run_id}`);
  return answer;
}

/** Where whoever ordered the run may read it: rows are shown by the policy of their graph. */
function placeOf({ load, export: exported }: RunRecord): string {
  if (load !== null) return `graphs/${load.graph}/loads`;
  return exported === null ? "runs" : `graphs/${exported.graph}/exports`;
}
