/**
 * The refresh of the schedule: what is really there goes into the ledger, what is new of drift is told, and what deleted
 * graphs have left is taken away once it may be (design 6, 7).
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { Desired } from "../desired/desired.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { refreshCluster } from "../observe/refresh-cluster.ts";
import { reclaimGraphs } from "../operate/reclaim-graphs.ts";
import { announce } from "./announce.ts";
import type { Deployment } from "./deployment.ts";
import { isHeld } from "./ledger-run.ts";
import { appliedConfig } from "./run-config.ts";
import { tellDrift } from "./tell-drift.ts";
import { later, type WorkStep } from "./work-step.ts";

const SCHEDULE = { actor: null, trigger: "schedule" } as const;

export async function scheduledRefresh(deployment: Deployment, cluster: ClusterName): Promise<WorkStep> {
  const ports = deployment.open(cluster);
  const applied = await appliedConfig(ports);
  if (applied.tag === "unavailable") return failed(deployment, cluster, applied.diagnostics);
  const { desired, ledger: before } = applied;
  // A cluster without a ledger has nothing to refresh; one whose ledger is damaged is told by its refresh.
  if (before.tag === "missing") return { tag: "ended" };
  const output = await refreshCluster(ports, "refresh", { desired, as_applied: true, ...SCHEDULE });
  const { diagnostics } = output;
  if (isHeld(diagnostics)) return { tag: "held" };
  await tellDrift(deployment, cluster, ports, before);
  return output.ok ? reclaim(ports, desired) : failed(deployment, cluster, diagnostics);
}

async function failed(
  deployment: Deployment,
  cluster: ClusterName,
  diagnostics: readonly Diagnostic[],
): Promise<WorkStep> {
  const codes = [...new Set(diagnostics.flatMap((each) => (each.severity === "error" ? [each.code] : [])))];
  await announce(deployment, cluster, { kind: "failed", text: `The refresh of ${cluster} failed.`, codes });
  return later(diagnostics);
}

async function reclaim(ports: ClusterPorts, desired: Desired): Promise<WorkStep> {
  const { ok, diagnostics } = await reclaimGraphs(ports, { desired, ...SCHEDULE, graph: null });
  if (isHeld(diagnostics)) return { tag: "held" };
  return ok ? { tag: "ended" } : later(diagnostics);
}
