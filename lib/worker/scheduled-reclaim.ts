/**
 * The reclaim of the schedule: what deleted graphs have left is taken away once it may be, and what interrupted operations
 * left of living ones (design 6). Apart from the refresh because it looks into every dataset, which costs more requests
 * than all else that the schedule does, and because nothing waits for it. Nothing is taken away in a cluster that is blocked.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { blockedDiagnostics } from "../apply/runs/blocked.ts";
import type { ClusterName } from "../digest/ids.ts";
import { reclaimGraphs } from "../operate/reclaim-graphs.ts";
import type { Deployment } from "./deployment.ts";
import { isHeld } from "./ledger-run.ts";
import { RECLAIM_PAUSE_MS, RECLAIM_TRIES_MAX } from "./limits.ts";
import { appliedConfig } from "./run-config.ts";
import { promptIfLeft } from "./work-left.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function scheduledReclaim(deployment: Deployment, cluster: ClusterName): Promise<WorkStep> {
  const ports = deployment.open(cluster);
  // Somebody is to look at the cluster as it is.
  const blocked = await blockedDiagnostics(ports);
  if (blocked.length > 0) return later(blocked);
  const step = await reclaimUnlessHeld(ports);
  await promptIfLeft(deployment, cluster, ports);
  return step;
}

/** The refresh of the same minute may hold the lease, and the next reclaim comes a day later. */
async function reclaimUnlessHeld(ports: ClusterPorts): Promise<WorkStep> {
  for (let tries = 1; ; tries += 1) {
    const step = await reclaim(ports);
    if (step.tag !== "held" || tries === RECLAIM_TRIES_MAX) return step;
    await ports.clock.sleep(RECLAIM_PAUSE_MS);
  }
}

async function reclaim(ports: ClusterPorts): Promise<WorkStep> {
  const applied = await appliedConfig(ports);
  if (applied.tag === "unavailable") return later(applied.diagnostics);
  const { desired, ledger } = applied;
  // A cluster without a ledger has nothing that may be taken away.
  if (ledger.tag === "missing") return { tag: "ended" };
  const command = { desired, actor: null, trigger: "schedule", graph: null };
  const { ok, diagnostics } = await reclaimGraphs(ports, command);
  if (isHeld(diagnostics)) return { tag: "held" };
  return ok ? { tag: "ended" } : later(diagnostics);
}
