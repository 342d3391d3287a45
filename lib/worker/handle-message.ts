/**
 * Handles one message of a queue (design 7): looks at what it names, and does what the records say. No message, however
 * often, late, or by whomever sent, changes what is done; so what was looked at is acknowledged, and what the world kept
 * from being done is left to the schedule.
 */
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { Deployment } from "./deployment.ts";
import { type Drained, drain } from "./drain.ts";
import { scheduledReclaim } from "./scheduled-reclaim.ts";
import { scheduledRefresh } from "./scheduled-refresh.ts";
import { taskRun } from "./task-run.ts";
import { watch } from "./watch.ts";
import type { WorkContext } from "./work-context.ts";
import { decodeWorkMessage, type WorkMessage } from "./work-message.ts";
import type { WorkStep } from "./work-step.ts";

/** What a message came to; `ignored`: it names nothing of this deployment. */
export type Handled = Drained | WorkStep | { readonly tag: "ignored"; readonly reason: string };

/** The same for the body of a message, as a queue hands it out. */
export function handleBody(deployment: Deployment, body: string, context: WorkContext): Promise<Handled> {
  const decoded = decodeWorkMessage(body);
  if (decoded.tag === "decoded") return handleMessage(deployment, decoded.message, context);
  deployment.log.warn({ event: "work.message_ignored", reason: decoded.detail });
  return Promise.resolve({ tag: "ignored", reason: decoded.detail });
}

export async function handleMessage(
  deployment: Deployment,
  message: WorkMessage,
  context: WorkContext,
): Promise<Handled> {
  const cluster = message.cluster as ClusterName;
  const { clusters } = deployment.settings;
  if (clusters?.includes(cluster) === false) {
    const reason = `the deployment has no cluster ${cluster}`;
    deployment.log.warn({ event: "work.message_ignored", reason });
    return { tag: "ignored", reason };
  }
  const handled = await work(deployment, cluster, message, context);
  const codes = "diagnostics" in handled ? handled.diagnostics.map((each) => each.code).join(" ") : "";
  const run_id = "run_id" in message ? message.run_id : null;
  deployment.log.info({
    event: "work.handled",
    kind: message.kind,
    cluster,
    run_id,
    came_to: handled.tag,
    codes,
  });
  if (handled.tag === "later" && needsSomebody(handled.diagnostics)) {
    deployment.log.warn({ event: "work.stuck", kind: message.kind, cluster, run_id, codes });
  }
  return handled;
}

/** What no next try will mend. */
function needsSomebody(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.length > 0 && !healsWithTime(diagnostics);
}

function work(
  deployment: Deployment,
  cluster: ClusterName,
  message: WorkMessage,
  context: WorkContext,
): Promise<Handled> {
  switch (message.kind) {
    case "drain":
      return drain(deployment, cluster, context);
    case "plan":
    case "load":
    case "export":
      return taskRun(deployment, cluster, message.run_id, context);
    case "refresh":
      return scheduledRefresh(deployment, cluster);
    case "reclaim":
      return scheduledReclaim(deployment, cluster);
    case "watch":
      return watch(deployment, cluster);
    default:
      return assertNever(message);
  }
}
