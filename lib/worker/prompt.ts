/**
 * Prompts: messages that make a worker look at a run (design 7). One that cannot be sent costs time and nothing else: the
 * schedule finds the run.
 */

import type { RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import type { ClusterName } from "../digest/ids.ts";
import { pauseBefore } from "../ledger/retry.ts";
import type { SendRequest, WorkQueue } from "../ports/work-queue.ts";
import type { Deployment } from "./deployment.ts";
import { PROMPT_TRIES_MAX } from "./limits.ts";
import { encodeWorkMessage, type ScheduledKind, WORK_MESSAGE_FORMAT_VERSION } from "./work-message.ts";

const format_version = WORK_MESSAGE_FORMAT_VERSION;

/** Which queue a run is prompted on: those that change the ledger need the lease, plans, loads and exports do not. */
export function needsLease({ operation, mode }: Pick<RunRecord, "operation" | "mode">): boolean {
  switch (operation) {
    case "load":
    case "export":
      return false;
    case "apply":
      return mode !== "plan";
    case "refresh":
    case "import":
    case "recover":
      return true;
    default:
      return assertNever(operation);
  }
}

/**
 * Somebody is to look at the runs of the cluster. The prompt has a group of its own: a worker that was killed hides the
 * group of its message for the whole visibility, and what the dead have left is not to wait for that. So two may drain
 * one cluster at a time; that is safe because what changes the ledger takes the lease first, and whoever finds it held
 * leaves. Other writes to the records of runs are conditional.
 */
export function promptDrain(deployment: Deployment, cluster: ClusterName): Promise<boolean> {
  const id = deployment.ids.next();
  return sendDrain(deployment, cluster, `${cluster}/${id}`, id);
}

function sendDrain(
  deployment: Deployment,
  cluster: ClusterName,
  group: string,
  cause: string,
): Promise<boolean> {
  const body = encodeWorkMessage({ format_version, kind: "drain", cluster });
  const request = { body, group, deduplication_id: `drain-${cluster}-${cause}` };
  return send(deployment, deployment.applies, request);
}

/** Somebody is to look at this run. `cause` tells this prompt from others: equal ones are one. */
export function promptRun(
  deployment: Deployment,
  cluster: ClusterName,
  record: RunRecord,
  cause: string = record.run_id,
): Promise<boolean> {
  const { run_id, load } = record;
  // Orders of one cluster come one after another: each would find the lease held by the one before.
  if (needsLease(record)) return sendDrain(deployment, cluster, cluster, cause);
  const kind = record.export !== null ? "export" : load === null ? "plan" : "load";
  const body = encodeWorkMessage({ format_version, kind, cluster, run_id });
  // Loads of one graph would only stand in each other's way.
  const group = load === null ? run_id : sha256(`${cluster}/${load.graph}`);
  return send(deployment, deployment.tasks, { body, group, deduplication_id: `${kind}-${run_id}-${cause}` });
}

/** What the schedule sends: in a group for each kind, so that the watch comes also while a refresh was killed. */
export function promptSchedule(
  deployment: Deployment,
  cluster: ClusterName,
  kind: ScheduledKind,
): Promise<boolean> {
  const body = encodeWorkMessage({ format_version, kind, cluster });
  const deduplication_id = `${kind}-${cluster}-${deployment.ids.next()}`;
  const group = `${cluster}/${kind}`;
  return send(deployment, deployment.applies, { body, group, deduplication_id });
}

/** Repeats with the same id: two of one id are one. */
async function send({ clock, log }: Deployment, queue: WorkQueue, request: SendRequest): Promise<boolean> {
  for (let attempt = 0; attempt < PROMPT_TRIES_MAX; attempt += 1) {
    await pauseBefore(clock, attempt);
    const sent = await queue.send(request);
    if (sent.tag === "done") return true;
  }
  log.warn({ event: "prompt.not_sent", deduplication_id: request.deduplication_id });
  return false;
}
