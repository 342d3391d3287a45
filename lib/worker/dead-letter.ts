/**
 * Dead letters: messages that no worker could finish, however often (reliability 3.3). One for the runs of a cluster
 * blocks the cluster until a person has looked; one for a single run ends that run. Handling it twice is handling it once.
 */
import { blockCluster } from "../apply/runs/blocked.ts";
import { readRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { ClusterName, RunId } from "../digest/ids.ts";
import { announce } from "./announce.ts";
import { giveUp } from "./apply-run.ts";
import type { Deployment } from "./deployment.ts";
import { needsLease } from "./prompt.ts";
import { decodeWorkMessage } from "./work-message.ts";

/** `again`: the world did not answer; the letter must be handled again. */
export type DeadLetterHandled =
  | { readonly tag: "handled" | "ignored" }
  | { readonly tag: "again"; readonly diagnostics: readonly Diagnostic[] };

export async function handleDeadLetter(deployment: Deployment, body: string): Promise<DeadLetterHandled> {
  const decoded = decodeWorkMessage(body);
  if (decoded.tag === "invalid") {
    deployment.log.warn({ event: "work.dead_letter_ignored", reason: decoded.detail });
    return { tag: "ignored" };
  }
  const { message, cluster } = decoded;
  if (deployment.settings.clusters?.includes(cluster) === false) {
    const reason = `the deployment has no cluster ${cluster}`;
    deployment.log.warn({ event: "work.dead_letter_ignored", reason });
    return { tag: "ignored" };
  }
  deployment.log.warn({ event: "work.dead_letter", kind: message.kind, cluster });
  switch (message.kind) {
    case "drain":
      return block(deployment, cluster);
    case "plan":
    case "load":
    case "export":
      return endRunOf(deployment, cluster, message.run_id);
    case "refresh":
    case "reclaim":
    case "watch": {
      const text = `The scheduled ${message.kind} of ${cluster} could not be finished, however often it was tried.`;
      await announce(deployment, cluster, { kind: "failed", text, codes: ["run_gave_up"] });
      return { tag: "handled" };
    }
    default:
      return assertNever(message);
  }
}

async function block(deployment: Deployment, cluster: ClusterName): Promise<DeadLetterHandled> {
  const ports = deployment.open(cluster);
  const reason = "a worker could not finish the runs of the cluster, however often it was tried.";
  const blocked = await blockCluster(ports, { by: ports.owner, reason });
  if (blocked.tag === "refused") return { tag: "again", diagnostics: blocked.diagnostics };
  if (blocked.changed) {
    const text = `The cluster ${cluster} is blocked: ${reason} No run goes on until somebody unblocks it.`;
    await announce(deployment, cluster, { kind: "blocked", text, codes: ["cluster_blocked"] });
  }
  return { tag: "handled" };
}

async function endRunOf(deployment: Deployment, cluster: ClusterName, id: RunId): Promise<DeadLetterHandled> {
  const ports = deployment.open(cluster);
  const read = await readRun(ports, id);
  if (read.tag === "unavailable") {
    const message = `The record of the run ${id} could not be read: ${read.reason}.`;
    return { tag: "again", diagnostics: [diagnostic("run_record_read_error", { path: id, message })] };
  }
  if (read.tag !== "found" || read.stored.record.state === "ended") return { tag: "handled" };
  // Runs that need the lease are prompted by a drain and never by their own name: this letter was not sent by us.
  if (needsLease(read.stored.record)) return { tag: "ignored" };
  const message = `No worker could finish the run ${id}, however often it was tried.`;
  const step = await giveUp(deployment, cluster, ports, read.stored, [
    diagnostic("run_gave_up", { path: id, message }),
  ]);
  return step.tag === "later" ? { tag: "again", diagnostics: step.diagnostics } : { tag: "handled" };
}
