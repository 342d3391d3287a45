/**
 * WorkLeft: runs that wait for whoever takes the lease next. A worker that finds the lease held leaves and its message is
 * gone, so whoever has held the lease without draining looks for them when it has given it back (design 7).
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { listOpenRuns } from "../apply/runs/run-store.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { lastApprovalMs, mayGoOn } from "./approved-since.ts";
import type { Deployment } from "./deployment.ts";
import { needsLease, promptDrain } from "./prompt.ts";

/** A run of the command line on this root has its config on somebody's disk, and goes on where that is. */
export function isOurs(record: RunRecord): boolean {
  return needsLease(record) && record.trigger !== "cli";
}

/** True if a drain would find one of these runs to work on. */
export async function isWorkLeft(ports: StorePorts, records: readonly RunRecord[]): Promise<boolean> {
  const leased = records.filter(isOurs);
  const isWaiting = ({ state }: RunRecord) => state === "waiting_approval";
  const approvalMs = leased.some(isWaiting) ? await lastApprovalMs(ports) : null;
  return leased.some((each) => !isWaiting(each) || mayGoOn(each, approvalMs));
}

/** After a holding of the lease that was no drain. What cannot be listed is found by the schedule. */
export async function promptIfLeft(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
): Promise<void> {
  const listing = await listOpenRuns(ports);
  if (listing.tag === "listed" && (await isWorkLeft(ports, listing.records))) {
    await promptDrain(deployment, cluster);
  }
}
