/**
 * Watch: what the schedule looks after in one cluster (design 7). Runs whose message was lost are prompted again; runs
 * that have waited too long for an approval end; what a crash left open is settled where no run will do it.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { type Intents, readIntents } from "../apply/recovery/intents.ts";
import { blockedDiagnostics } from "../apply/runs/blocked.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { closeEndedRuns, listOpenRuns, readRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { retryRead } from "../ledger/retry.ts";
import { recoverCluster } from "../operate/recover-cluster.ts";
import { giveUp } from "./apply-run.ts";
import type { Deployment } from "./deployment.ts";
import { unreadRuns } from "./drain.ts";
import { isHeld } from "./ledger-run.ts";
import { APPROVAL_WAIT_MS_MAX } from "./limits.ts";
import { needsLease, promptDrain, promptRun } from "./prompt.ts";
import { appliedConfig } from "./run-config.ts";
import { isOurs, isWorkLeft, promptIfLeft } from "./work-left.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function watch(deployment: Deployment, cluster: ClusterName): Promise<WorkStep> {
  const ports = deployment.open(cluster);
  await closeEndedRuns(ports);
  const listing = await listOpenRuns(ports);
  if (listing.tag === "unavailable") return later([unreadRuns(listing.reason)]);
  const records = listing.records.filter((each) => each.trigger !== "cli");
  for (const record of records.filter((each) => !needsLease(each))) {
    await promptRun(deployment, cluster, record, deployment.ids.next());
  }
  const blocked = await blockedDiagnostics(ports);
  if (blocked.length > 0) return later(blocked);
  const leased = records.filter(isOurs);
  for (const record of leased.filter((each) => hasWaitedTooLong(ports, each))) {
    await endWaiting(deployment, cluster, ports, record);
  }
  if (await isWorkLeft(ports, leased)) {
    await promptDrain(deployment, cluster);
    return { tag: "ended" };
  }
  return alsoUnread(await settleLeftovers(deployment, cluster, ports), listing.diagnostics);
}

/** Runs whose records cannot be read stay as they are until a person, or a newer program, has looked. */
function alsoUnread(step: WorkStep, unread: readonly Diagnostic[]): WorkStep {
  if (unread.length === 0 || step.tag === "held") return step;
  return later([...(step.tag === "later" ? step.diagnostics : []), ...unread]);
}

function hasWaitedTooLong({ clock }: ClusterPorts, { state, attempts }: RunRecord): boolean {
  const last = attempts.at(-1);
  if (state !== "waiting_approval" || last === undefined) return false;
  return clock.nowMs() - Date.parse(last.started_at) > APPROVAL_WAIT_MS_MAX;
}

async function endWaiting(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  { run_id: path }: RunRecord,
): Promise<void> {
  const read = await readRun(ports, path);
  if (read.tag !== "found" || !hasWaitedTooLong(ports, read.stored.record)) return;
  const message = `The run ${path} has waited for an approval for too long.`;
  await giveUp(deployment, cluster, ports, read.stored, [diagnostic("waiting_run_over", { path, message })]);
}

/**
 * No run is going to settle what a crash has left, so this does, unless somebody is at work: open intents, and the lease
 * and the lock file of a holder who never gave them back.
 */
async function settleLeftovers(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
): Promise<WorkStep> {
  const [intents, lease] = await Promise.all([
    readIntents(ports),
    retryRead(ports.clock, () => ports.lease.read()),
  ]);
  if (intents.tag === "unavailable" || lease.tag === "unavailable") return later([]);
  const { holder } = lease;
  if (intents.open.length === 0 && holder === null) return leftToPeople(intents);
  if (holder !== null && Date.parse(holder.deadline) > ports.clock.nowMs()) return { tag: "held" };
  const applied = await appliedConfig(ports);
  if (applied.tag === "unavailable") return later(applied.diagnostics);
  const command = { desired: applied.desired, actor: null, trigger: "schedule" };
  const { ok, diagnostics } = await recoverCluster(ports, command);
  if (isHeld(diagnostics)) return { tag: "held" };
  await promptIfLeft(deployment, cluster, ports);
  if (!ok) return later(diagnostics);
  const after = await readIntents(ports);
  return after.tag === "unavailable" ? later([]) : leftToPeople(after);
}

/** An intent that is still there after a recovery, or cannot be read, is for people to judge (J6, J7). */
function leftToPeople({ open, unreadable }: Intents): WorkStep {
  const unsettled = open.map(({ graph, operation_id }) => {
    const message = `The operation ${operation_id} on graph.${graph} is not settled, and no program can judge it.`;
    return diagnostic("cluster_recovery_pending", { path: `graph.${graph}`, message });
  });
  const left = [...unreadable.map((each) => each.diagnostic), ...unsettled];
  return left.length === 0 ? { tag: "ended" } : later(left);
}
