/**
 * `graphform plan`: what apply would do. `--out FILE` keeps the plan for `apply --plan FILE`, and in the cluster under
 * its id, so that it can be named by that as well.
 */
import { writeFileSync } from "node:fs";
import type { PlannedCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { approvalOffers } from "../../lib/plan/approvable.ts";
import { encodePlan } from "../../lib/plan/plan-document.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { type GitFlags, gitOriginOf } from "../git/git-origin.ts";
import { commandLine } from "../render/command-line.ts";
import { offerLines } from "../render/render-approvals.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderPlan } from "../render/render-plan.ts";
import { unwritableFile } from "./file-problem.ts";
import { failure, noAnswer } from "./verb-failure.ts";

export interface PlanOptions {
  readonly out: string | undefined;
  readonly detailed_exitcode: boolean;
  /** Graphs named by `--target`; null: everything. */
  readonly targets: readonly string[] | null;
  /** Plan the destruction of what soft drops of this graph have hidden, and nothing else. */
  readonly purge?: GraphId;
  /** Where the config comes from, if the command was told. */
  readonly git?: GitFlags;
}

export async function plan(context: CommandContext, options: PlanOptions): Promise<ExitCode> {
  const { targets, purge = null } = options;
  const cluster = await openClusterOf(context);
  const git = gitOriginOf(context.config_dir, options.git ?? {}, process.env);
  const asked = await cluster.plan({ targets, purge, git, keep: options.out !== undefined });
  if (asked.tag !== "answered") return noAnswer(context, "plan", asked);
  const planned = asked.output;
  if (options.out !== undefined && planned.plan !== null) {
    const problem = writePlan(options.out, encodePlan(planned.plan));
    if (problem !== null) return failure(context, "plan", [problem]);
  }
  if (context.json) printJson(context, planned.output);
  else printLines(context, render(context, planned, options));
  if (!planned.output.ok) return 1;
  return options.detailed_exitcode && planned.output.changes.length > 0 ? 2 : 0;
}

function writePlan(file: string, text: string): Diagnostic | null {
  try {
    writeFileSync(file, text);
    return null;
  } catch (error) {
    return unwritableFile(file, "The plan", error);
  }
}

function render(context: CommandContext, planned: PlannedCluster, options: PlanOptions): readonly string[] {
  const { output } = planned;
  const { bold, red, dim } = context.out;
  const problems = renderDiagnostics(output.diagnostics, context.out);
  if (planned.plan === null) return [red("cluster plan failed"), ...problems];
  const seen = output.state_observations;
  const ledger = seen.state_found ? `revision ${seen.state_revision}` : "no ledger yet";
  const head = `${bold("cluster plan")} ${dim(`${planned.plan.plan_id}, made on ${ledger}`)}`;
  const next = nextSteps(context, planned, options);
  return [
    head,
    "",
    ...renderPlan(output, context.out),
    ...(problems.length > 0 ? ["", ...problems] : []),
    ...next,
  ];
}

function nextSteps(
  context: CommandContext,
  { output, plan }: PlannedCluster,
  options: PlanOptions,
): readonly string[] {
  const command = (verb: string, ...words: readonly string[]) => commandLine(context, verb, ...words);
  if (!output.state_observations.state_found)
    return ["", `Next: ${command("import")}, which creates the ledger, then ${command("apply")}.`];
  if (plan === null) return [];
  const kept = options.out === undefined ? [] : ["", `The plan is kept in ${options.out}.`];
  const offers = offerLines(plan, context);
  const waits = approvalOffers(plan).some((each) => each.required);
  const runs = output.changes.some((each) => each.disposition === "applied");
  if (waits) {
    const rest = runs ? `; ${command("apply")} runs the rest without it` : "";
    const apply = command("apply", "--plan", options.out ?? plan.plan_id);
    return [...kept, ...offers, "", `Next, once it is approved: ${apply}${rest}`];
  }
  if (!runs) return [...kept, ...offers];
  if (options.out !== undefined)
    return [...offers, ...kept, `Next: ${command("apply", "--plan", options.out)}`];
  if (options.purge !== undefined) return ["", `Next: ${command("apply", "--plan", plan.plan_id)}`];
  const next = `Next: ${command("apply")}, or ${command("plan", "--out", "FILE")} to keep exactly this plan.`;
  return [...offers, "", next];
}
