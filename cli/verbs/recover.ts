/** `graphform recover` and `graphform recover discard ID`: settle what earlier runs left open. */
import type { CommandContext, ExitCode } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { operate } from "./operate.ts";

export function recover(context: CommandContext): Promise<ExitCode> {
  return operate(
    context,
    "recover",
    (cluster) => cluster.recover(),
    (_output, done) => [
      done.state_written
        ? `cluster recover: what was left open is settled, revision ${done.state_revision}`
        : "cluster recover: nothing had to be recorded",
      ...done.pending.map((graph) => `  graph.${graph} stays blocked`),
    ],
  );
}

export function discard(
  context: CommandContext,
  operationId: string,
  reason: string | null,
): Promise<ExitCode> {
  return operate(
    context,
    "recover discard",
    (cluster) => cluster.discard(operationId, reason),
    (_output, done) => [
      `cluster recover discard: ${done.operation_id} is given up`,
      ...(done.fenced_version === null
        ? []
        : [`  graph.${done.graph} is fenced at version ${done.fenced_version}, so that it can never land`]),
      "",
      `Next: ${commandLine(context, "refresh")}, which records what is there`,
    ],
  );
}
