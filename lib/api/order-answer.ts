/** Orders work for a caller: 202 with the run, or why there is none. The key of the request is the key of the run. */
import type { GitOrigin } from "../ledger/receipt.ts";
import { orderRun } from "../worker/order-run.ts";
import type { RunAsk } from "../worker/run-ordering.ts";
import { shownRun } from "../worker/run-view.ts";
import type { ClusterExchange } from "./api.ts";
import { jsonAnswer } from "./json-answer.ts";
import { keyOf } from "./once.ts";
import type { RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export async function orderAnswer(
  exchange: ClusterExchange,
  ask: RunAsk,
  git: GitOrigin | null = null,
): Promise<RouteResult> {
  const { api, cluster, caller } = exchange;
  const idempotency_key = keyOf(exchange);
  const origin = { actor: caller.actor, trigger: "api", git, idempotency_key, caller };
  const ordered = await orderRun(api.deployment, cluster, { ...ask, ...origin });
  if (ordered.tag === "unknown") return { status: 503, diagnostics: ordered.diagnostics };
  if (ordered.tag === "refused") return refusalOf(ordered.diagnostics);
  const { record } = ordered;
  const answer = jsonAnswer({ run: shownRun(record), output: null, diagnostics: [] }, 202);
  answer.headers.set("location", `/v1/clusters/${cluster}/runs/${record.run_id}`);
  return answer;
}
