/**
 * `graphform apply`: converges the cluster. On a terminal it shows the plan and asks; elsewhere it runs, because what
 * is irreversible is gated anyway.
 */
import { existsSync, readFileSync } from "node:fs";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { isUlid, type PlanId } from "../../lib/digest/ids.ts";
import { decodePlan } from "../../lib/plan/plan-codec.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { Consent, ReviewedPlan } from "../cluster/cluster.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { type GitFlags, gitOriginOf } from "../git/git-origin.ts";
import { renderApply } from "../render/render-apply.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderPlan } from "../render/render-plan.ts";
import { ask } from "./ask.ts";
import { fileProblem, fileReason } from "./file-problem.ts";
import { failure, noAnswer } from "./verb-failure.ts";

export interface ApplyVerbOptions {
  readonly plan: string | undefined;
  readonly auto_approve: boolean;
  /** Graphs named by `--target`; null: everything. */
  readonly targets: readonly string[] | null;
  readonly allow_mass_delete?: boolean;
  /** Begin no effect when this time is nearly over, and go on later; absent: as long as it takes. */
  readonly stop_after_ms?: number | undefined;
  /** Where the config comes from, if the command was told. */
  readonly git?: GitFlags;
}

export async function apply(context: CommandContext, options: ApplyVerbOptions): Promise<ExitCode> {
  const kept = options.plan === undefined ? NO_PLAN : readPlan(options.plan);
  if (kept.tag === "failed") return failure(context, "apply", kept.diagnostics);
  let planShown = false;
  const consent: Consent = async (plan, problems = plan.diagnostics) => {
    planShown = true;
    return showAndAsk(context, plan, problems);
  };
  const cluster = await openClusterOf(context);
  const applied = await cluster.apply({
    reviewed: kept.plan,
    targets: options.targets,
    allow_mass_delete: options.allow_mass_delete === true,
    stop_after_ms: options.stop_after_ms ?? null,
    git: gitOriginOf(context.config_dir, options.git ?? {}, process.env),
    consent: asks(context, options) ? consent : null,
  });
  if (applied.tag !== "answered") return noAnswer(context, "apply", applied);
  return answerApply(context, applied.output, planShown);
}

export function answerApply(context: CommandContext, output: ApplyOutput, planShown: boolean): ExitCode {
  if (context.json) printJson(context, output);
  else printLines(context, renderApply(output, context.out, planShown));
  if (!output.ok) return 1;
  return output.outcome === "continuing" ? 3 : 0;
}

type ReadPlan =
  | { readonly tag: "read"; readonly plan: ReviewedPlan | null }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

const NO_PLAN: ReadPlan = { tag: "read", plan: null };

/** A file, or the id of a plan that the cluster keeps; a file of that name comes first. */
function readPlan(file: string): ReadPlan {
  if (isUlid(file) && !existsSync(file)) {
    return { tag: "read", plan: { tag: "named", id: file as PlanId } };
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const fix = "Make the plan first: `graphform plan --out FILE`.";
    return { tag: "failed", diagnostics: [fileProblem(file, fileReason(error), fix)] };
  }
  const decoded = decodePlan(text, file);
  return decoded.tag === "decoded"
    ? { tag: "read", plan: { tag: "document", plan: decoded.plan } }
    : { tag: "failed", diagnostics: decoded.diagnostics };
}

/** A reviewed plan has been accepted already; on a terminal everything else is asked for. */
function asks(context: CommandContext, options: ApplyVerbOptions): boolean {
  return context.interactive && !context.json && !options.auto_approve && options.plan === undefined;
}

function showAndAsk(
  context: CommandContext,
  plan: PlanDocument,
  problems: readonly Diagnostic[],
): Promise<boolean> {
  const told = renderDiagnostics(problems, context.out);
  const lines = [...renderPlan(plan, context.out), "", ...(told.length === 0 ? [] : [...told, ""])];
  printLines(context, [context.out.bold("cluster plan"), "", ...lines]);
  return ask("Apply these changes? Only yes is accepted: ");
}
