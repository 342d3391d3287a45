/**
 * `graphform apply`: converges the cluster. On a terminal it shows the plan and asks; elsewhere it runs, because what
 * is irreversible is gated anyway. Ctrl-C stops between two steps and leaves a state that the next run continues.
 */
import { existsSync, readFileSync } from "node:fs";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { ApplyProgress } from "../../lib/apply/apply-run.ts";
import { storedPlan } from "../../lib/apply/planning/plan-store.ts";
import { runApply } from "../../lib/apply/run-apply.ts";
import { applyUntil } from "../../lib/apply/runs/recorded-apply.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import { type GraphId, isUlid, type PlanId } from "../../lib/digest/ids.ts";
import { decodePlan, type PlanDecoded } from "../../lib/plan/plan-codec.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { renderApply } from "../render/render-apply.ts";
import { renderPlan } from "../render/render-plan.ts";
import { findTargets } from "../target-graphs.ts";
import { ask } from "./ask.ts";
import { fileProblem, fileReason } from "./file-problem.ts";
import { watchInterrupts } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

export interface ApplyVerbOptions {
  readonly plan: string | undefined;
  readonly auto_approve: boolean;
  /** Graphs named by `--target`; null: everything. */
  readonly targets: readonly string[] | null;
  readonly allow_mass_delete?: boolean;
  /** Begin no effect when this time is nearly over, and go on later; absent: as long as it takes. */
  readonly stop_after_ms?: number | undefined;
}

export async function apply(context: CommandContext, options: ApplyVerbOptions): Promise<ExitCode> {
  const kept = options.plan === undefined ? NO_PLAN : readPlan(options.plan);
  if (kept.tag === "failed") return failure(context, "apply", kept.diagnostics);
  const { desired, storage, compilations } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "apply", storage.diagnostics);
  const ports = openCluster(storage);
  const reviewed = kept.tag === "named" ? readDecoded(await storedPlan(ports, kept.id)) : kept;
  if (reviewed.tag === "failed") return failure(context, "apply", reviewed.diagnostics);
  const targets = await findTargets(ports, desired, options.targets);
  if (targets.tag === "unknown") return failure(context, "apply", targets.diagnostics);
  let planShown = false;
  const interrupts = watchInterrupts(context);
  const command = {
    desired,
    compilations,
    actor: context.actor,
    trigger: "cli",
    reviewed: reviewed.plan,
    targets: plannedTargets(reviewed.plan) ?? targets.graphs,
    allow_mass_delete: options.allow_mass_delete === true,
    consent: async (plan: PlanDocument) => {
      if (!asks(context, options)) return true;
      planShown = true;
      return consent(context, plan);
    },
    interrupted: interrupts.requested,
    progress: (progress: ApplyProgress) => showProgress(context, progress),
  };
  const { stop_after_ms } = options;
  const output = await (stop_after_ms === undefined
    ? runApply(ports, command)
    : applyUntil(ports, command, stop_after_ms));
  interrupts.stop();
  return answerApply(context, output, planShown);
}

export function answerApply(context: CommandContext, output: ApplyOutput, planShown: boolean): ExitCode {
  if (context.json) printJson(context, output);
  else printLines(context, renderApply(output, context.out, planShown));
  if (!output.ok) return 1;
  return output.outcome === "continuing" ? 3 : 0;
}

type ReadPlan =
  | { readonly tag: "read"; readonly plan: PlanDocument | null }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

const NO_PLAN: ReadPlan = { tag: "read", plan: null };

/** A file, or the id of a plan that the cluster keeps; a file of that name comes first. */
function readPlan(file: string): ReadPlan | { readonly tag: "named"; readonly id: PlanId } {
  if (isUlid(file) && !existsSync(file)) return { tag: "named", id: file as PlanId };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const fix = "Make the plan first: `graphform plan --out FILE`.";
    return { tag: "failed", diagnostics: [fileProblem(file, fileReason(error), fix)] };
  }
  return readDecoded(decodePlan(text, file));
}

function readDecoded(decoded: PlanDecoded): ReadPlan {
  return decoded.tag === "decoded"
    ? { tag: "read", plan: decoded.plan }
    : { tag: "failed", diagnostics: decoded.diagnostics };
}

function plannedTargets(plan: PlanDocument | null): ReadonlySet<GraphId> | null {
  return plan?.targets == null ? null : new Set(plan.targets as readonly GraphId[]);
}

/** A reviewed plan has been accepted already; on a terminal everything else is asked for. */
function asks(context: CommandContext, options: ApplyVerbOptions): boolean {
  return context.interactive && !context.json && !options.auto_approve && options.plan === undefined;
}

function consent(context: CommandContext, plan: PlanDocument): Promise<boolean> {
  printLines(context, [context.out.bold("cluster plan"), "", ...renderPlan(plan, context.out), ""]);
  return ask("Apply these changes? Only yes is accepted: ");
}

export function showProgress(context: CommandContext, progress: ApplyProgress): void {
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
