/** What recover, restore, reclaim and protect have in common: they open the cluster, run, and print what was done. */
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import type { Cluster, Operation } from "../cluster/cluster.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { printableFields } from "../render/printable.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer } from "./verb-failure.ts";

/** `render` gives the lines for what was done, the first as the headline. */
export async function operate<Facts>(
  context: CommandContext,
  verb: string,
  run: (cluster: Cluster) => Operation<Facts>,
  render: (output: OperateOutput<Facts>, done: Facts) => readonly string[],
): Promise<ExitCode> {
  const asked = await run(await openClusterOf(context));
  if (asked.tag !== "answered") {
    const facts = { operation: verb.split(" ").at(-1), run_id: null, outcome: "refused", result: null };
    return noAnswer(context, verb, asked, facts);
  }
  const { output } = asked;
  if (context.json) printJson(context, output);
  else {
    const shown = printableFields(output);
    const done = shown.result === null ? failedHeadline(context, verb, shown) : render(shown, shown.result);
    printLines(context, [...done, ...renderDiagnostics(output.diagnostics, context.out)]);
  }
  return output.ok ? 0 : 1;
}

function failedHeadline(
  context: CommandContext,
  verb: string,
  { outcome }: Pick<OperateOutput<unknown>, "outcome">,
): readonly string[] {
  const text = outcome === "unknown" ? "outcome is not known; the next command settles it" : "failed";
  return [context.out.red(`cluster ${verb} ${text}`)];
}
