/** `graphform plan`: what apply would do. `--out FILE` keeps the plan for `apply --plan FILE`. */
import { writeFileSync } from "node:fs";
import { type PlannedCluster, planCluster } from "../../lib/apply/plan-cluster.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { encodePlan } from "../../lib/plan/plan-document.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderPlan } from "../render/render-plan.ts";
import { failure } from "./verb-failure.ts";

export interface PlanOptions {
  readonly out: string | undefined;
  readonly detailed_exitcode: boolean;
  readonly targets: ReadonlySet<GraphId> | null;
}

export async function plan(context: CommandContext, options: PlanOptions): Promise<ExitCode> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "plan", storage.diagnostics);
  const command = { desired, actor: context.actor, targets: options.targets };
  const planned = await planCluster(openCluster(storage.root), command);
  if (options.out !== undefined && planned.plan !== null) {
    const problem = writePlan(options.out, encodePlan(planned.plan));
    if (problem !== null) return failure(context, "plan", [problem]);
  }
  if (context.json) printJson(context, planned.output);
  else printLines(context, render(context, planned, options));
  if (!planned.output.ok) return 1;
  return options.detailed_exitcode && planned.output.changes.length > 0 ? 2 : 0;
}

function writePlan(file: string, text: string) {
  try {
    writeFileSync(file, text);
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The plan could not be written to ${file}: ${reason}.`;
    return diagnostic("output_file_unwritable", { path: file, message });
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
  const next = nextSteps(planned, options, seen.state_found);
  return [
    head,
    "",
    ...renderPlan(output, context.out),
    ...(problems.length > 0 ? ["", ...problems] : []),
    ...next,
  ];
}

function nextSteps(planned: PlannedCluster, options: PlanOptions, ledger: boolean): readonly string[] {
  if (!ledger) return ["", "Next: graphform import, which creates the ledger, then graphform apply."];
  if (planned.output.changes.length === 0) return [];
  if (options.out === undefined)
    return ["", "Next: graphform apply, or graphform plan --out FILE to keep exactly this plan."];
  return ["", `The plan is kept in ${options.out}. Next: graphform apply --plan ${options.out}`];
}
