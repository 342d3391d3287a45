/** `graphform restore GRAPH`: a deleted graph lives again, until its data is reclaimed. */
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import type { CommandContext, ExitCode } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { count } from "../render/describe-step.ts";
import { operate } from "./operate.ts";

export function restore(
  context: CommandContext,
  graph: GraphId,
  incarnation: IncarnationId | null,
): Promise<ExitCode> {
  return operate(
    context,
    "restore",
    (cluster) => cluster.restore(graph, incarnation),
    (_output, done) => [
      `cluster restore: graph.${done.graph} lives again with ${count(done.rows, "row")}, version ${done.manifest_version}`,
      `  state: revision ${done.state_revision}`,
      "",
      `Next: declare graph.${done.graph} in cluster.yaml, then ${commandLine(context, "plan")}`,
    ],
  );
}
