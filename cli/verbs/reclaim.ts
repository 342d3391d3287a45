/** `graphform reclaim`: takes the bytes of deleted graphs away whose grace period is over. */
import type { GraphId } from "../../lib/digest/ids.ts";
import type { CommandContext, ExitCode } from "../command-context.ts";
import { operate } from "./operate.ts";

export function reclaim(context: CommandContext, graph: GraphId | null): Promise<ExitCode> {
  return operate(
    context,
    "reclaim",
    (cluster) => cluster.reclaim(graph),
    (_output, { reclaimed }) => [
      reclaimed.length === 0
        ? "cluster reclaim: no deleted graph is past its grace period"
        : `cluster reclaim: the bytes of ${reclaimed.length} deleted ${reclaimed.length === 1 ? "graph are" : "graphs are"} gone`,
      ...reclaimed.map(({ graph: id, incarnation }) => `  graph.${id}, life ${incarnation}`),
    ],
  );
}
