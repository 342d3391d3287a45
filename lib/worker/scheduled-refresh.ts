/**
 * The refresh of the schedule: what is really there goes into the ledger, and what is new of drift is told (design 7).
 * None of this happens in a cluster that is blocked.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { blockedDiagnostics } from "../apply/runs/blocked.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { refreshCluster } from "../observe/refresh-cluster.ts";
import { announce } from "./announce.ts";
import type { Deployment } from "./deployment.ts";
import { isHeld } from "./ledger-run.ts";
import { appliedConfig } from "./run-config.ts";
import { tellDrift } from "./tell-drift.ts";
import { promptIfLeft } from "./work-left.ts";
import { later, type WorkStep } from "./work-step.ts";

const SCHEDULE = { actor: null, trigger: "schedule" } as const;

export async function scheduledRefresh(deployment: Deployment, cluster: ClusterName): Promise<WorkStep> {
  const ports = deployment.open(cluster);
  // Somebody is to look at the cluster as it is.
  const blocked = await blockedDiagnostics(ports);
  if (blocked.length > 0) return later(blocked);
  const step = await refresh(deployment, cluster, ports);
  await promptIfLeft(deployment, cluster, ports);
  return step;
}

async function refresh(deployment: Deployment, cluster: ClusterName, ports: ClusterPorts): Promise<WorkStep> {
  const applied = await appliedConfig(ports);
  if (applied.tag === "unavailable") return failed(deployment, cluster, applied.diagnostics);
  const { desired, ledger: before } = applied;
  // A cluster without a ledger has nothing to refresh; one whose ledger is damaged is told by its refresh.
  if (before.tag === "missing") return { tag: "ended" };
  const output = await refreshCluster(ports, "refresh", { desired, as_applied: true, ...SCHEDULE });
  const { diagnostics } = output;
  if (isHeld(diagnostics)) return { tag: "held" };
  await tellDrift(deployment, cluster, ports, before);
  return output.ok ? { tag: "ended" } : failed(deployment, cluster, diagnostics);
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
