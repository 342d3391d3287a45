/**
 * Apply with a run record (design 7): a deadline after which no effect begins, and going on later, in another process,
 * under the same run id and with the same plan. An apply without either writes no record and is `runApply` itself.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import type { RunId } from "../../digest/ids.ts";
import type { PlanDocument } from "../../plan/plan-document.ts";
import type { ApplyOutput } from "../apply-output.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { planUser, storedPlan } from "../planning/plan-store.ts";
import { type ApplyCommand, refusedApply, runApply } from "../run-apply.ts";
import { findOpenRun } from "./find-run.ts";
import { startDeadline } from "./run-deadline.ts";
import { type RecordedAttempt, recordRun } from "./run-recording.ts";
import { runKey, type StoredRun } from "./run-store.ts";

/** An apply that begins no effect when `stop_after_ms` is nearly over, and can go on then. */
export function applyUntil(
  ports: ClusterPorts,
  command: ApplyCommand,
  stopAfterMs: number,
): Promise<ApplyOutput> {
  return applyRecorded(ports, command, null, stopAfterMs);
}

/** What the caller of a run that goes on does not decide: its plan, its targets, where its config came from, who consented. */
export type ContinueCommand = Omit<
  ApplyCommand,
  "reviewed" | "targets" | "consent" | "allow_mass_delete" | "run_id" | "git"
> &
  Unattended;

/** A worker of a deployment goes on with the run. */
type Unattended = Pick<RecordedAttempt, "unattended">;

/** Goes on with a run that was stopped or died. `stop_after_ms` null: until it is finished. */
export async function continueApply(
  ports: ClusterPorts,
  command: ContinueCommand,
  id: RunId,
  stopAfterMs: number | null,
): Promise<ApplyOutput> {
  const blank = { ...command, reviewed: null, targets: null, allow_mass_delete: false };
  const refused = (diagnostics: readonly Diagnostic[]) =>
    refusedApply(ports, { ...blank, consent: () => Promise.resolve(true) }, diagnostics, { run_id: id });
  const found = await findOpenRun(ports, id);
  if (found.tag === "refused") return refused(found.diagnostics);
  const { record } = found.stored;
  if (record.bundle_digest !== command.desired.bundle_digest) return refused([otherConfig(id)]);
  const plan = await planOf(ports, found.stored);
  if (plan.tag === "invalid") return refused(plan.diagnostics);
  const { allow_mass_delete, git } = record;
  const targets = record.targets === null ? null : new Set(record.targets);
  const going = { ...command, run_id: id, reviewed: plan.plan, targets, allow_mass_delete, git };
  // Who ordered the run has consented to its plan.
  const consenting = { ...going, consent: () => Promise.resolve(true) };
  const { continues } = plan;
  return applyRecorded(ports, consenting, { stored: found.stored, continues }, stopAfterMs);
}

/** What an attempt goes on with; null: a run that has no record yet. */
type GoesOn = { readonly stored: StoredRun; readonly continues: boolean } | null;

function applyRecorded(
  ports: ClusterPorts,
  command: ApplyCommand & Unattended,
  from: GoesOn,
  stopAfterMs: number | null,
): Promise<ApplyOutput> {
  const { actor, trigger, git = null, allow_mass_delete, interrupted, progress, unattended } = command;
  const targets = command.targets === null ? null : [...command.targets].sort();
  const by = unattended === undefined ? {} : { unattended };
  const continues = from?.continues ?? false;
  const deadline = stopAfterMs === null ? null : startDeadline(ports.clock, stopAfterMs);
  const attempt = {
    actor,
    trigger,
    git,
    allow_mass_delete,
    targets,
    stop_after_ms: stopAfterMs,
    isTimeUp: () => deadline?.isNear() ?? false,
    continues,
    ...by,
  };
  const recording = recordRun(ports, from?.stored ?? null, attempt);
  if (deadline === null) return runApply(ports, { ...command, recording });
  return runApply(ports, {
    ...command,
    recording,
    interrupted: () => interrupted() || deadline.isNear(),
    progress: (step) => {
      deadline.watch(step);
      progress(step);
    },
  });
}

type PlanOfRun =
  | {
      readonly tag: "plan";
      readonly plan: PlanDocument | null;
      /** The use of the plan names this very run, so some of it may be done. */
      readonly continues: boolean;
    }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

/**
 * Null: the run has got no plan yet, so it has done nothing. A plan that the run was only ordered to carry out is none
 * of its own before it is used: until then the world must be exactly the reviewed one.
 */
async function planOf(ports: ClusterPorts, { record }: StoredRun): Promise<PlanOfRun> {
  const id = record.plan_id ?? record.reviewed_plan_id;
  if (id === null) return { tag: "plan", plan: null, continues: false };
  const [stored, user] = await Promise.all([storedPlan(ports, id), planUser(ports, id)]);
  if (stored.tag !== "decoded") return stored;
  if (user.tag === "read")
    return { tag: "plan", plan: stored.plan, continues: user.run_id === record.run_id };
  const message = `It is not known which run has used the plan ${id}: ${user.reason}.`;
  return { tag: "invalid", diagnostics: [diagnostic("plan_read_error", { path: id, message })] };
}

function otherConfig(id: RunId): Diagnostic {
  const message = `The config is not the one that the run ${id} was begun with.`;
  return diagnostic("run_config_mismatch", { path: runKey(id), message });
}
