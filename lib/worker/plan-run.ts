/**
 * Makes the plan that a run asks for (design 7, 8): takes no lease and changes nothing but the plan that it stores. A
 * message that comes twice, late or to two workers at once leads to one plan in the record: whoever moves it first.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { planCluster } from "../apply/planning/plan-cluster.ts";
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import { plannedRun, type RunRecord } from "../apply/runs/run-record.ts";
import type { StoredRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { attempted } from "./attempt.ts";
import { authorsRecorded } from "./authors-recorded.ts";
import type { Deployment } from "./deployment.ts";
import { endRun } from "./end-run.ts";
import { lockoutsOf } from "./lockouts-of.ts";
import { runConfig } from "./run-config.ts";
import { refusedAnswer } from "./run-output.ts";
import { unknownTargets } from "./unknown-targets.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function planRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
): Promise<WorkStep> {
  const begun = attempted(ports, stored.record, ports.clock.nowMs());
  const { bundle_digest, actor, targets, purge } = begun;
  const refuse = (diagnostics: readonly Diagnostic[]) => {
    const end = { record: begun, outcome: "refused", answer: refusedAnswer(diagnostics) } as const;
    return finished(deployment, cluster, ports, stored, end);
  };
  if (bundle_digest === null) return refuse([withoutConfig(begun)]);
  const config = await runConfig(ports, bundle_digest);
  if (config.tag !== "config") {
    return config.tag === "unavailable" ? later(config.diagnostics) : refuse(config.diagnostics);
  }
  const { desired, compilations } = config;
  const checked = await unknownTargets(ports, desired, targets);
  if (checked.tag === "unavailable") return later(checked.diagnostics);
  if (checked.tag === "unknown") return refuse(checked.diagnostics);
  const { output, plan } = await planCluster(ports, {
    ...{ desired, compilations, actor, keep: true, run_id: begun.run_id },
    targets: targets === null ? null : new Set(targets),
    ...(purge === null ? {} : { purge }),
  });
  const lockouts = plan === null ? [] : await lockoutsOf(deployment, ports, begun, desired, plan);
  if (plan === null && healsWithTime(output.diagnostics)) return later(output.diagnostics);
  // What is not stored can neither be reviewed nor applied.
  const kept = plan !== null && !output.diagnostics.some(isUnstored);
  if (plan !== null && !kept) return later(output.diagnostics);
  if (kept && !(await authorsRecorded(ports, plan, bundle_digest))) return later(output.diagnostics);
  const record = kept ? plannedRun(begun, plan.plan_id, ports.ids.next()) : begun;
  const outcome = kept ? "planned" : "refused";
  const told = { ...output, diagnostics: [...output.diagnostics, ...lockouts] };
  return finished(deployment, cluster, ports, stored, {
    record,
    outcome,
    answer: { kind: "plan", output: told },
  });
}

async function finished(...parts: Parameters<typeof endRun>): Promise<WorkStep> {
  const ended = await endRun(...parts);
  return ended === "unknown" ? later([]) : { tag: "ended" };
}

function isUnstored({ code, severity }: Diagnostic): boolean {
  return code === "plan_write_error" && severity === "error";
}

/** Of a run that asks for a plan of nothing. */
export function withoutConfig({ run_id }: RunRecord): Diagnostic {
  const message = `The run ${run_id} names no config folder.`;
  return diagnostic("run_order_invalid", { path: run_id, message });
}
