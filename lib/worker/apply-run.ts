/**
 * One attempt at an apply of a deployment (design 7): under the lease, with the policy asked again, until the run has
 * ended, waits for an approval, or the time of the invocation is nearly over.
 */
import type { ApplyOutput } from "../apply/apply-output.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readAhead } from "../apply/read-ahead.ts";
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import { continueApply } from "../apply/runs/recorded-apply.ts";
import type { RunOutcome, RunRecord } from "../apply/runs/run-record.ts";
import { readRun, type StoredRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { retryRead } from "../ledger/retry.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { announceRun } from "./announce.ts";
import { attempted } from "./attempt.ts";
import { type Authorise, authoriseRun } from "./authorise-run.ts";
import type { Deployment } from "./deployment.ts";
import { endRun } from "./end-run.ts";
import { carriedOver, leftUndone } from "./left-undone.ts";
import { lockoutsOf } from "./lockouts-of.ts";
import { withoutConfig } from "./plan-run.ts";
import { runConfig } from "./run-config.ts";
import { keepRunOutput, refusedAnswer } from "./run-output.ts";
import { tooLargeForRunner } from "./too-large-for-runner.ts";
import { unknownTargets } from "./unknown-targets.ts";
import { inUploadOrder } from "./upload-order.ts";
import type { WorkContext } from "./work-context.ts";
import { later, type WorkStep } from "./work-step.ts";

/** `stopAfterMs`: no effect begins when this time is nearly over. */
export async function applyRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  { access, interrupted = () => false }: WorkContext,
  stopAfterMs: number,
): Promise<WorkStep> {
  const { record } = stored;
  const refuse = (diagnostics: readonly Diagnostic[]) =>
    giveUp(deployment, cluster, ports, stored, diagnostics);
  const tooLarge = tooLargeForRunner(record);
  if (tooLarge !== null) {
    return (await isWorkedOn(ports, record)) ? { tag: "held" } : refuse([tooLarge]);
  }
  if (record.bundle_digest === null) return refuse([withoutConfig(record)]);
  const [config, ahead] = await Promise.all([runConfig(ports, record.bundle_digest), readAhead(ports)]);
  if (config.tag !== "config") {
    return config.tag === "unavailable" ? later(config.diagnostics) : refuse(config.diagnostics);
  }
  const { desired, compilations } = config;
  if (!desired.ok) return refuse(desired.diagnostics);
  // A run that has got its plan may already have deleted what it targets (A7).
  const targets = record.plan_id === null ? record.targets : null;
  const checked = await unknownTargets(ports, desired, targets);
  if (checked.tag === "unavailable") return later(checked.diagnostics);
  if (checked.tag === "unknown") return refuse(checked.diagnostics);
  const undone = await leftUndone(ports, record);
  if (undone.tag === "unknown") return later(undone.diagnostics);
  const { run_id, actor, trigger } = record;
  let left = undone.left;
  const keep = (output: ApplyOutput) => {
    // The answer is kept when the attempt is over, and again when the lease is back: `continuing` then says less than before.
    left = output.outcome === "unknown" ? undone.left : carriedOver(left, output);
    return keepRunOutput(ports, run_id, { kind: "apply", output }, left);
  };
  const command = {
    ...{ desired, compilations, ahead, actor, trigger },
    authorise: warning(record, inUploadOrder(ports, record, authoriseRun(ports, access, record)), (plan) =>
      lockoutsOf(deployment, ports, record, desired, plan),
    ),
    interrupted,
    progress: () => undefined,
    unattended: { keep },
    ...(undone.left === null ? {} : { left: undone.left }),
  };
  const output = await continueApply(ports, command, run_id, stopAfterMs);
  return settle(deployment, cluster, ports, stored, output, keep);
}

/** A plan that somebody has reviewed has told this already; of any other the answer of the run does. */
function warning(
  { reviewed_plan_id }: RunRecord,
  authorise: Authorise,
  warningsOf: (plan: PlanDocument) => Promise<readonly Diagnostic[]>,
): Authorise {
  if (reviewed_plan_id !== null) return authorise;
  return async (facts) => {
    const authorised = await authorise(facts);
    return authorised.tag === "refused"
      ? authorised
      : { ...authorised, warnings: await warningsOf(facts.plan) };
  };
}

/** What the record says now decides; the answer of a run that moved is kept as a whole. */
async function settle(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  before: StoredRun,
  output: ApplyOutput,
  keep: (output: ApplyOutput) => Promise<boolean>,
): Promise<WorkStep> {
  const { run_id } = before.record;
  const now = await readRun(ports, run_id);
  if (now.tag !== "found") return later(output.diagnostics);
  const { record } = now.stored;
  if (now.stored.version === before.version) return untouched(deployment, cluster, ports, before, output);
  if (output.diagnostics.some((each) => each.code === "run_taken_over" && each.severity === "error")) {
    return { tag: "ended" };
  }
  await keep(output);
  await announceRun(deployment, cluster, record);
  switch (record.state) {
    case "ended":
    case "waiting_approval":
    case "queued":
      return { tag: "ended" };
    case "running":
    case "continuing":
      // A run that stopped at its deadline has no error; any other is tried again when the schedule says.
      return hasErrors(output.diagnostics) ? later(output.diagnostics) : { tag: "goes_on" };
  }
}

/** The attempt did not even begin: somebody holds the lease, the world did not answer, or it is refused for good. */
function untouched(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  { diagnostics }: ApplyOutput,
): Promise<WorkStep> {
  const held = diagnostics.some((each) => each.code === "state_lock_held");
  if (held) return Promise.resolve({ tag: "held" });
  if (diagnostics.some((each) => each.code === "run_taken_over")) return Promise.resolve({ tag: "ended" });
  if (healsWithTime(diagnostics)) return Promise.resolve(later(diagnostics));
  return giveUp(deployment, cluster, ports, stored, diagnostics);
}

/** Ends a run that no attempt of a worker can bring further; what it has done stays. */
export async function giveUp(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  diagnostics: readonly Diagnostic[],
): Promise<WorkStep> {
  const record = attempted(ports, stored.record, ports.clock.nowMs());
  const outcome = outcomeSoFar(stored.record);
  const end = { record, outcome, answer: refusedAnswer(diagnostics) };
  const ended = await endRun(deployment, cluster, ports, stored, end);
  return ended === "unknown" ? later(diagnostics) : { tag: "ended" };
}

/**
 * What a run came to that was begun and not finished: rows that a worker was loading may be there or not, and so may
 * what a worker that died was applying.
 */
function outcomeSoFar({ load, plan_id, attempts }: RunRecord): RunOutcome {
  if (load !== null && load.since_version !== null) return "unknown";
  if (plan_id === null) return "refused";
  return attempts.some((each) => each.ended_at === null) ? "unknown" : "partial";
}

/** True if a worker that holds the lease for the run may be alive. */
export async function isWorkedOn({ lease, clock }: ClusterPorts, { run_id }: RunRecord): Promise<boolean> {
  const read = await retryRead(clock, () => lease.read());
  if (read.tag === "unavailable") return true;
  return read.holder?.run_id === run_id && Date.parse(read.holder.deadline) > clock.nowMs();
}
