/**
 * Keeps the record of a run while it runs (design 7): claimed under the lease, with its plan before the first effect,
 * and with what became of it before the lease is given back.
 *
 * A run without a record gets one only when its plan is about to run: what changes nothing leaves no record. From then
 * on a run that dies can go on, because record and plan are there before anything else is.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assertNever } from "../../digest/assert.ts";
import type { GraphId, RunId } from "../../digest/ids.ts";
import type { GitOrigin } from "../../ledger/receipt.ts";
import type { Change } from "../../plan/change.ts";
import type { PlanDocument } from "../../plan/plan-document.ts";
import { timestamp } from "../../ports/clock.ts";
import type { ApplyOutcome, ApplyOutput } from "../apply-output.ts";
import type { ApplyRun } from "../apply-run.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { keepPlan, usePlan } from "../planning/plan-store.ts";
import { isOvertaken, recordAfter, waitsForApproval } from "./record-after.ts";
import {
  attemptedRun,
  plannedRun,
  queuedRun,
  type RunAttempt,
  type RunOrder,
  type RunRecord,
} from "./run-record.ts";
import { closeEndedRuns, closeRun, moveRun, openRun, runKey, type StoredRun } from "./run-store.ts";

/** What an attempt came to. */
export interface AttemptResult {
  /** Null: it came to no plan. */
  readonly plan: PlanDocument | null;
  /** With the dispositions that became true. */
  readonly changes: readonly Change[];
  /** What the command will answer, before the lease is given back. */
  readonly output: ApplyOutput;
  readonly outcome: Exclude<ApplyOutcome, "continuing">;
  /** An effect was not begun because the run was told to stop. */
  readonly stopped_early: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface AttemptEnded {
  /** The run goes on later, under its id. */
  readonly continues: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface RunRecording {
  /** An earlier attempt has begun to carry out the plan; what it did has not moved the world. */
  readonly continues: boolean;
  /** First of all under the lease: this process works on the run now. Empty if it may go on. */
  readonly claim: () => Promise<readonly Diagnostic[]>;
  /** Before the first effect: this plan is carried out, by this run and no other. Empty if it may go on. */
  readonly planned: (run: ApplyRun, plan: PlanDocument) => Promise<readonly Diagnostic[]>;
  readonly ended: (result: AttemptResult) => Promise<AttemptEnded>;
}

/** Who works on the run, and what it is if it has no record yet. */
export interface RecordedAttempt {
  readonly actor: string | null;
  readonly trigger: string;
  /** Where the config came from. */
  readonly git: GitOrigin | null;
  readonly stop_after_ms: number | null;
  /** True once the time of the attempt is nearly over. */
  readonly isTimeUp: () => boolean;
  readonly targets: readonly GraphId[] | null;
  readonly allow_mass_delete: boolean;
  /** An earlier attempt has begun to carry out the plan of the record. */
  readonly continues: boolean;
  /** A worker of a deployment makes the attempt, and nobody sees its answer; absent: a person does. */
  readonly unattended?: {
    /** Keeps what the command answers, before the record says that the run has ended. False: it may not be kept. */
    readonly keep: (output: ApplyOutput) => Promise<boolean>;
  };
}

/** `stored`: the record of a run that goes on; null for a new one. */
export function recordRun(
  ports: ClusterPorts,
  stored: StoredRun | null,
  attempt: RecordedAttempt,
): RunRecording {
  let current = stored;
  const move = async (from: StoredRun, to: RunRecord): Promise<readonly Diagnostic[]> => {
    const moved = await moveRun(ports, from, to);
    switch (moved.tag) {
      case "moved":
        current = moved.stored;
        return [];
      case "refused":
        return [takenOver(to.run_id)];
      case "unknown":
        return [notWritten(to.run_id, moved.reason)];
      default:
        return assertNever(moved);
    }
  };
  return {
    continues: attempt.continues,
    async claim() {
      if (current === null) return [];
      return move(current, attemptedRun(current.record, newAttempt(ports, attempt), ports.ids.next()));
    },
    async planned(run, plan) {
      const kept = await keepPlan(ports, plan);
      if (kept.length > 0) return kept;
      if (current === null) {
        const opened = await openRun(ports, firstRecord(run, plan, attempt));
        if (opened.tag !== "opened") return [notWritten(run.run_id, opened.reason)];
        current = opened.stored;
      } else if (current.record.plan_id === null) {
        const failed = await move(current, plannedRun(current.record, plan.plan_id, ports.ids.next()));
        if (failed.length > 0) return failed;
      }
      return usePlan(ports, plan, run.run_id);
    },
    async ended(result) {
      if (current === null) return { continues: false, diagnostics: [] };
      const isKept = (await attempt.unattended?.keep(result.output)) ?? true;
      const { record } = current;
      const overtaken = isOvertaken(result);
      const isLeft = record.plan_id === null && (overtaken || waitsForApproval(result));
      const unplanned = isLeft ? result.plan : null;
      const unkept = unplanned === null ? [] : await keepPlan(ports, unplanned);
      const planned =
        unplanned === null || unkept.length > 0
          ? record
          : plannedRun(record, unplanned.plan_id, ports.ids.next());
      const unattended = attempt.unattended !== undefined;
      const answered = isKept && unkept.length === 0;
      const timed_out = attempt.isTimeUp();
      const only_planned = overtaken && planned !== record;
      const next = recordAfter(ports, planned, { ...result, unattended, timed_out, answered, only_planned });
      const failed = [...unkept, ...(await move(current, next))];
      if (next.state === "ended" && failed.length === 0) {
        // Marks that others have left are for the schedule of the deployment; by hand there is none.
        await (unattended ? closeRun(ports, next.run_id) : closeEndedRuns(ports));
      }
      // A record that could not be written says that the run is running, and so it can go on all the same.
      const lost = failed.some((each) => each.code === "run_taken_over");
      const continues = next.state === "continuing" && !lost;
      const how = continues && !unattended ? [goesOn(next.run_id)] : [];
      return { continues, diagnostics: [...failed.map(asWarning), ...how] };
    },
  };
}

function newAttempt(
  ports: ClusterPorts,
  { actor, trigger, stop_after_ms }: RecordedAttempt,
): Omit<RunAttempt, "number" | "ended_at"> {
  return { owner: ports.owner, actor, trigger, started_at: timestamp(ports.clock), stop_after_ms };
}

function firstRecord(run: ApplyRun, plan: PlanDocument, attempt: RecordedAttempt): RunRecord {
  const { ports } = run;
  const order: RunOrder = {
    run_id: run.run_id,
    idempotency_key: null,
    operation: "apply",
    mode: "auto",
    bundle_digest: run.desired.bundle_digest,
    actor: attempt.actor,
    trigger: attempt.trigger,
    git: attempt.git,
    targets: attempt.targets,
    allow_mass_delete: attempt.allow_mass_delete,
    created_at: timestamp(ports.clock),
  };
  const queued = queuedRun(order, ports.ids.next());
  const running = attemptedRun(queued, newAttempt(ports, attempt), ports.ids.next());
  return plannedRun(running, plan.plan_id, ports.ids.next());
}

function goesOn(id: RunId): Diagnostic {
  const message = `The run ${id} is not finished: what it has done is recorded, the rest of its plan is left.`;
  const fix = `Run \`graphform apply --continue ${id}\`, with the same config.`;
  return diagnostic("run_continues", { path: runKey(id), message, fix });
}

function takenOver(id: RunId): Diagnostic {
  const message = `Another process works on the run ${id}.`;
  return diagnostic("run_taken_over", { path: runKey(id), message });
}

function notWritten(id: RunId, reason: string): Diagnostic {
  const message = `The record of the run ${id} could not be written: ${reason}.`;
  return diagnostic("run_record_write_error", { path: runKey(id), message });
}

/** What was done stands in the ledger, whatever became of the record. */
function asWarning(problem: Diagnostic): Diagnostic {
  return { ...problem, severity: "warning" };
}
