/**
 * Apply on the cluster of a config folder. Ctrl-C stops between two steps and leaves a state that the next run
 * continues.
 */
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { ApplyProgress } from "../../lib/apply/apply-run.ts";
import { storedPlan } from "../../lib/apply/planning/plan-store.ts";
import { runApply } from "../../lib/apply/run-apply.ts";
import { applyUntil, continueApply } from "../../lib/apply/runs/recorded-apply.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import type { GraphId, RunId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { CommandContext } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { findTargets } from "../target-graphs.ts";
import { watchInterrupts } from "../verbs/interrupts.ts";
import { type Answered, type ApplyRequest, answered, unanswered } from "./cluster.ts";

export async function applyFolder(
  context: CommandContext,
  request: ApplyRequest,
): Promise<Answered<ApplyOutput>> {
  const { desired, storage, compilations } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  const ports = openCluster(storage);
  let reviewed: PlanDocument | null = null;
  if (request.reviewed?.tag === "document") reviewed = request.reviewed.plan;
  if (request.reviewed?.tag === "named") {
    const stored = await storedPlan(ports, request.reviewed.id);
    if (stored.tag === "invalid") return unanswered(stored.diagnostics);
    reviewed = stored.plan;
  }
  const targets = await findTargets(ports, desired, request.targets);
  if (targets.tag === "unknown") return unanswered(targets.diagnostics);
  const interrupts = watchInterrupts(context);
  const command = {
    desired,
    compilations,
    actor: context.actor,
    trigger: "cli",
    git: request.git,
    reviewed,
    targets: plannedTargets(reviewed) ?? targets.graphs,
    allow_mass_delete: request.allow_mass_delete,
    consent: request.consent ?? (() => Promise.resolve(true)),
    interrupted: interrupts.requested,
    progress: (progress: ApplyProgress) => showProgress(context, progress),
  };
  const output = await (request.stop_after_ms === null
    ? runApply(ports, command)
    : applyUntil(ports, command, request.stop_after_ms));
  interrupts.stop();
  return answered(output);
}

/** `stopAfterMs` null: until the run is finished. */
export async function goOnFolder(
  context: CommandContext,
  id: RunId,
  stopAfterMs: number | null,
): Promise<Answered<ApplyOutput>> {
  const { desired, storage, compilations } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  const interrupts = watchInterrupts(context);
  const command = {
    desired,
    compilations,
    actor: context.actor,
    trigger: "cli",
    interrupted: interrupts.requested,
    progress: (progress: ApplyProgress) => showProgress(context, progress),
  };
  const output = await continueApply(openCluster(storage), command, id, stopAfterMs);
  interrupts.stop();
  return answered(output);
}

function plannedTargets(plan: PlanDocument | null): ReadonlySet<GraphId> | null {
  return plan?.targets == null ? null : new Set(plan.targets as readonly GraphId[]);
}

function showProgress(context: CommandContext, progress: ApplyProgress): void {
  if (context.json || process.stderr.isTTY !== true) return;
  switch (progress.tag) {
    case "effect_started":
      context.writeError(`  ${progress.kind} graph.${progress.graph} ...\n`);
      return;
    case "effect_ended":
      context.writeError(`  ${progress.kind} graph.${progress.graph}: ${progress.result}\n`);
      return;
    case "payloads":
      context.writeError(`  writing ${progress.count} payload${progress.count === 1 ? "" : "s"} ...\n`);
      return;
    default:
      assertNever(progress);
  }
}
