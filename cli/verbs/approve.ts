/** `graphform approve ADDRESS --plan ID`: somebody lets one change of a reviewed plan happen. */
import type { ApprovedChange } from "../../lib/operate/approve-change.ts";
import type { ApproveOutput } from "../../lib/operate/approve-output.ts";
import { APPROVAL_LIFETIME_MS } from "../../lib/operate/limits.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { givenLines, givenUnseenLines } from "../render/render-approvals.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer } from "./verb-failure.ts";

export interface ApproveOptions {
  readonly resource: string;
  readonly plan_id: string;
  /** Undefined: as long as approvals count by default. */
  readonly lifetime_ms: number | undefined;
  readonly tolerance: number;
  readonly data_loss: boolean;
  readonly reason: string | null;
}

export async function approve(context: CommandContext, options: ApproveOptions): Promise<ExitCode> {
  const lifetime_ms = options.lifetime_ms ?? APPROVAL_LIFETIME_MS;
  const asked = await (await openClusterOf(context)).approve({ ...options, lifetime_ms });
  if (asked.tag !== "answered") return noAnswer(context, "approve", asked);
  const approved = asked.output;
  if (context.json) printJson(context, approved.output);
  else printLines(context, render(context, options.plan_id, approved));
  return approved.output.ok ? 0 : 1;
}

function render(
  context: CommandContext,
  plan_id: string,
  { output, evidence }: ApprovedChange,
): readonly string[] {
  const problems = renderDiagnostics(output.diagnostics, context.out);
  const given = output.ok ? linesOf(output, evidence) : null;
  if (given === null) return [context.out.red("cluster approve failed"), ...problems];
  return [...given, ...problems, "", `Next: ${commandLine(context, "apply", "--plan", plan_id)}`];
}

/** Null: it does not say what was given. */
function linesOf(output: ApproveOutput, evidence: ApprovedChange["evidence"]): readonly string[] | null {
  if (evidence !== null) return givenLines(evidence);
  const { approval_id, resource, operation, approved_by } = output;
  if (approval_id === undefined || resource === undefined) return null;
  if (operation === undefined || approved_by === undefined) return null;
  return givenUnseenLines({ approval_id, resource, operation, approved_by });
}
