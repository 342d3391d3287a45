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
import { NO_CONFIG } from "../desired/no-config.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import type { RefreshOutput } from "../observe/observe-output.ts";
import { refreshCluster } from "../observe/refresh-cluster.ts";
import type { OperateOutput } from "../operate/operate-output.ts";
import { type Recovered, recoverCluster } from "../operate/recover-cluster.ts";
import { attempted } from "./attempt.ts";
import type { Deployment } from "./deployment.ts";
import { endRun } from "./end-run.ts";
import { appliedConfig } from "./run-config.ts";
import { type RunAnswer, refusedAnswer } from "./run-output.ts";
import { tellDrift } from "./tell-drift.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function ledgerRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
): Promise<WorkStep> {
  const startedMs = ports.clock.nowMs();
  const carried = await carryOut(ports, stored.record);
  const { outcome, answer } = carried;
  const { diagnostics } = answer.output;
  if (isHeld(diagnostics)) return { tag: "held" };
  if (outcome === "refused" && healsWithTime(diagnostics) && mayBeTriedAgain(ports, stored.record)) {
    return later(diagnostics);
  }
  // Before the run ends: if the worker dies, the next attempt tells.
  if (carried.before !== null) await tellDrift(deployment, cluster, ports, carried.before);
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
  /** The ledger before; null if the run may have made it, or has begun nothing. */
  readonly before: LedgerReading | null;
}

async function carryOut(ports: ClusterPorts, record: RunRecord): Promise<CarriedOut> {
  const { operation, run_id, actor, trigger, git } = record;
  const ordered = { run_id, actor, trigger, git };
  if (operation === "import") {
    const output = await refreshCluster(ports, "import", { ...ordered, desired: NO_CONFIG });
    return { ...refreshed(output), before: null };
  }
  const applied = await appliedConfig(ports);
  if (applied.tag === "unavailable") {
    return { outcome: "refused", answer: refusedAnswer(applied.diagnostics), before: null };
  }
  const { desired, ledger: before } = applied;
  const command = { ...ordered, desired };
  if (operation === "recover") {
    const output = await recoverCluster(ports, command);
    const answer = { kind: "operate", output } as const;
    return { outcome: recoverOutcome(output), answer, before };
  }
  const output = await refreshCluster(ports, "refresh", { ...command, as_applied: true });
  return { ...refreshed(output), before };
}

function refreshed(output: RefreshOutput) {
  const answer = { kind: "refresh", output } as const;
  return { outcome: refreshOutcome(output), answer } as const;
}

function recoverOutcome({ outcome }: OperateOutput<Recovered>): RunOutcome {
  return outcome === "done" ? "applied" : outcome;
}

function refreshOutcome({ ok, state_written }: RefreshOutput): RunOutcome {
  if (ok) return state_written ? "applied" : "noop";
  return state_written ? "partial" : "refused";
}
