/**
 * Import, refresh and recover as runs of a deployment: what is really there goes into the ledger, what earlier runs left
 * open is settled. Each may be done twice without harm, so no attempt is recorded before it is over; a worker that dies
 * leaves the run as it was ordered.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import { mayBeTriedAgain } from "../apply/runs/retry-time.ts";
import type { RunOutcome, RunRecord } from "../apply/runs/run-record.ts";
import type { StoredRun } from "../apply/runs/run-store.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { RefreshOutput } from "../observe/observe-output.ts";
import { refreshCluster } from "../observe/refresh-cluster.ts";
import type { OperateOutput } from "../operate/operate-output.ts";
import { type Recovered, recoverCluster } from "../operate/recover-cluster.ts";
import { attempted } from "./attempt.ts";
import type { Deployment } from "./deployment.ts";
import { endRun } from "./end-run.ts";
import { appliedConfig, emptyConfig } from "./run-config.ts";
import type { RunAnswer } from "./run-output.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function ledgerRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
): Promise<WorkStep> {
  const startedMs = ports.clock.nowMs();
  const { outcome, answer } = await carryOut(ports, stored.record);
  const { diagnostics } = answer.output;
  if (isHeld(diagnostics)) return { tag: "held" };
  if (outcome === "refused" && healsWithTime(diagnostics) && mayBeTriedAgain(ports, stored.record)) {
    return later(diagnostics);
  }
  const record = attempted(ports, stored.record, startedMs);
  const ended = await endRun(deployment, cluster, ports, stored, { record, outcome, answer });
  return ended === "unknown" ? later(diagnostics) : { tag: "ended" };
}

export function isHeld(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.code === "state_lock_held" && each.severity === "error");
}

interface CarriedOut {
  readonly outcome: RunOutcome;
  readonly answer: RunAnswer;
}

async function carryOut(ports: ClusterPorts, record: RunRecord): Promise<CarriedOut> {
  const { operation, run_id, actor, trigger, git } = record;
  const desired = operation === "import" ? emptyConfig() : await appliedConfig(ports);
  const command = { desired, run_id, actor, trigger, git };
  if (operation === "recover") {
    const output = await recoverCluster(ports, command);
    return { outcome: recoverOutcome(output), answer: { kind: "operate", output } };
  }
  const output = await refreshCluster(ports, operation === "import" ? "import" : "refresh", command);
  return { outcome: refreshOutcome(output), answer: { kind: "refresh", output } };
}

function recoverOutcome({ outcome }: OperateOutput<Recovered>): RunOutcome {
  return outcome === "done" ? "applied" : outcome;
}

function refreshOutcome({ ok, state_written }: RefreshOutput): RunOutcome {
  if (ok) return state_written ? "applied" : "noop";
  return state_written ? "partial" : "refused";
}
