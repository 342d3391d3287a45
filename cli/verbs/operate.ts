/** What recover, restore and reclaim have in common: they open the cluster, run, and print what was done. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import type { OperateCommand } from "../../lib/operate/operate-run.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { watchInterrupts } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

/** `render` gives the lines for what was done, the first as the headline. */
export async function operate<Facts>(
  context: CommandContext,
  verb: string,
  run: (ports: ClusterPorts, command: OperateCommand) => Promise<OperateOutput<Facts>>,
  render: (output: OperateOutput<Facts>, done: Facts) => readonly string[],
): Promise<ExitCode> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, verb, storage.diagnostics);
  // What is wrong with a schema must not stand in the way; a root that is not known must.
  if (desired.settings === null) return failure(context, verb, desired.diagnostics);
  const interrupts = watchInterrupts(context);
  const output = await run(openCluster(storage), { desired, actor: context.actor, trigger: "cli" });
  interrupts.stop();
  if (context.json) printJson(context, output);
  else {
    const done =
      output.result === null ? failedHeadline(context, verb, output) : render(output, output.result);
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
