/**
 * Apply with a run record (design 7): a deadline after which no effect begins, and going on later, in another process,
 * under the same run id and with the same plan. An apply without either writes no record and is `runApply` itself.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import type { RunId } from "../../digest/ids.ts";
import type { PlanDocument } from "../../plan/plan-document.ts";
import type { ApplyOutput } from "../apply-output.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { storedPlan } from "../planning/plan-store.ts";
import { type ApplyCommand, refusedApply, runApply } from "../run-apply.ts";
import { findOpenRun } from "./find-run.ts";
import { startDeadline } from "./run-deadline.ts";
import { recordRun } from "./run-recording.ts";
import { runKey, type StoredRun } from "./run-store.ts";

/** An apply that begins no effect when `stop_after_ms` is nearly over, and can go on then. */
export function applyUntil(
  ports: ClusterPorts,
  command: ApplyCommand,
  stopAfterMs: number,
): Promise<ApplyOutput> {
  return applyRecorded(ports, command, null, stopAfterMs);
}

/** What the caller of a run that goes on does not decide: its plan, its targets and who consented to it. */
export type ContinueCommand = Omit<
  ApplyCommand,
  "reviewed" | "targets" | "consent" | "allow_mass_delete" | "run_id"
>;

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
  const { allow_mass_delete } = record;
  const targets = record.targets === null ? null : new Set(record.targets);
  const going = { ...command, run_id: id, reviewed: plan.plan, targets, allow_mass_delete };
  // Who ordered the run has consented to its plan.
  const consenting = { ...going, consent: () => Promise.resolve(true) };
  return applyRecorded(ports, consenting, found.stored, stopAfterMs);
}

function applyRecorded(
  ports: ClusterPorts,
  command: ApplyCommand,
  stored: StoredRun | null,
  stopAfterMs: number | null,
): Promise<ApplyOutput> {
  const { actor, trigger, allow_mass_delete, interrupted, progress } = command;
  const targets = command.targets === null ? null : [...command.targets].sort();
  const attempt = { actor, trigger, allow_mass_delete, targets, stop_after_ms: stopAfterMs };
  const recording = recordRun(ports, stored, attempt);
  if (stopAfterMs === null) return runApply(ports, { ...command, recording });
  const deadline = startDeadline(ports.clock, stopAfterMs);
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
  | { readonly tag: "plan"; readonly plan: PlanDocument | null }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

/** Null: the run has got no plan yet, so it has done nothing. */
async function planOf(ports: ClusterPorts, { record }: StoredRun): Promise<PlanOfRun> {
  if (record.plan_id === null) return { tag: "plan", plan: null };
  const stored = await storedPlan(ports, record.plan_id);
  return stored.tag === "decoded" ? { tag: "plan", plan: stored.plan } : stored;
}

function otherConfig(id: RunId): Diagnostic {
  const message = `The config is not the one that the run ${id} was begun with.`;
  return diagnostic("run_config_mismatch", { path: runKey(id), message });
}
