/** Looks at one run that needs no lease: makes its plan, loads or exports its rows, if that is still to be done. */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { invalidRun, readRun, type StoredRun } from "../apply/runs/run-store.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName, RunId } from "../digest/ids.ts";
import type { Deployment } from "./deployment.ts";
import { exportRun } from "./export-run.ts";
import { loadRun } from "./load-run.ts";
import { planRun } from "./plan-run.ts";
import { needsLease } from "./prompt.ts";
import { tryLater } from "./try-later.ts";
import type { WorkContext } from "./work-context.ts";
import { later, type WorkStep } from "./work-step.ts";

/** What the message says of the run decides nothing: the record says what it is. */
export async function taskRun(
  deployment: Deployment,
  cluster: ClusterName,
  id: RunId,
  context: WorkContext,
): Promise<WorkStep> {
  const ports: ClusterPorts = deployment.open(cluster);
  const read = await readRun(ports, id);
  if (read.tag === "unavailable") {
    const message = `The record of the run ${id} could not be read: ${read.reason}.`;
    return later([diagnostic("run_record_read_error", { path: id, message })]);
  }
  if (read.tag === "invalid") return later([invalidRun(id, read.detail)]);
  if (read.tag === "absent") return { tag: "ended" };
  const { record } = read.stored;
  if (record.state === "ended" || record.trigger === "cli" || needsLease(record)) return { tag: "ended" };
  const step = await workOn(deployment, cluster, ports, read.stored, context);
  if (step.tag !== "later") return step;
  // Loads and exports record every attempt at its beginning.
  const now = await readRun(ports, id);
  if (now.tag !== "found" || now.stored.record.state === "ended") return step;
  return tryLater(deployment, cluster, ports, now.stored, step.diagnostics);
}

function workOn(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  context: WorkContext,
): Promise<WorkStep> {
  if (stored.record.load !== null) return loadRun(deployment, cluster, ports, stored, context);
  if (stored.record.export !== null) return exportRun(deployment, cluster, ports, stored, context);
  return planRun(deployment, cluster, ports, stored);
}
