/** `graphform protect GRAPH` and `graphform unprotect GRAPH`: whether a graph may be deleted at all. */
import { type ProtectOutput, protectGraph } from "../../lib/operate/protect-graph.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { protectionLines } from "../render/render-ledger.ts";
import { watchInterrupts } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

export interface ProtectOptions {
  readonly verb: "protect" | "unprotect";
  /** As typed. */
  readonly graph: string;
  readonly reason: string | null;
}

export async function protect(context: CommandContext, options: ProtectOptions): Promise<ExitCode> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, options.verb, storage.diagnostics);
  // A schema that is broken must not stand in the way of protecting a graph; a root that is not known must.
  if (desired.settings === null) return failure(context, options.verb, desired.diagnostics);
  const command = { ...options, desired, actor: context.actor, trigger: "cli" };
  const interrupts = watchInterrupts(context);
  const output = await protectGraph(openCluster(storage), command);
  interrupts.stop();
  if (context.json) printJson(context, output);
  else printLines(context, render(context, output));
  return output.ok ? 0 : 1;
}

function render(context: CommandContext, output: ProtectOutput): readonly string[] {
  const problems = renderDiagnostics(output.diagnostics, context.out);
  if (!output.ok) return [context.out.red(`cluster ${output.operation} failed`), ...problems];
  const { state_revision } = output.state_observations;
  const written = output.state_written ? `revision ${state_revision}` : "it was so already";
  const lines = protectionLines(output.protected);
  return [
    `cluster ${output.operation}: ${written}`,
    ...(lines.length === 0 ? ["  no graph is protected"] : lines),
    ...problems,
  ];
}
