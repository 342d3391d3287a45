/** `graphform approvals list|show|revoke`: what is approved, who holds it, and taking one back. */
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { Answered, Cluster } from "../cluster/cluster.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { printableFields } from "../render/printable.ts";
import { approvalLines, listLines } from "../render/render-approvals.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer } from "./verb-failure.ts";

export function list(context: CommandContext, all: boolean): Promise<ExitCode> {
  return answer(
    context,
    "approvals list",
    (cluster) => cluster.approvals(all),
    (output) => listLines(output, context.out),
    { approvals: [], over_count: 0 },
  );
}

export function show(context: CommandContext, approvalId: string): Promise<ExitCode> {
  return answer(
    context,
    "approvals show",
    (cluster) => cluster.approval(approvalId),
    ({ approval }) => (approval === null ? [] : approvalLines(approval)),
    { approval: null },
  );
}

export function revoke(
  context: CommandContext,
  approvalId: string,
  reason: string | null,
): Promise<ExitCode> {
  return answer(
    context,
    "approvals revoke",
    (cluster) => cluster.revoke(approvalId, reason),
    (output) => [
      `cluster approvals revoke: ${output.approval_id} of ${output.resource} was taken back by ${output.revoked_by}`,
    ],
  );
}

interface Answer {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Opens the cluster, asks, and prints the answer as JSON or as lines under a headline of failure. */
async function answer<Output extends Answer>(
  context: CommandContext,
  verb: string,
  ask: (cluster: Cluster) => Promise<Answered<Output>>,
  lines: (output: Output) => readonly string[],
  /** What the output promises where there is no answer. */
  facts: Readonly<Record<string, unknown>> = {},
): Promise<ExitCode> {
  const asked = await ask(await openClusterOf(context));
  if (asked.tag !== "answered") return noAnswer(context, verb, asked, facts);
  const { output } = asked;
  if (context.json) printJson(context, output);
  else {
    const body = output.ok ? lines(printableFields(output)) : [context.out.red(`cluster ${verb} failed`)];
    printLines(context, [...body, ...renderDiagnostics(output.diagnostics, context.out)]);
  }
  return output.ok ? 0 : 1;
}
