/** `graphform protect GRAPH` and `graphform unprotect GRAPH`: whether a graph may be deleted at all. */
import type { CommandContext, ExitCode } from "../command-context.ts";
import { protectionLines } from "../render/render-ledger.ts";
import { operate } from "./operate.ts";

export interface ProtectOptions {
  readonly verb: "protect" | "unprotect";
  /** As typed. */
  readonly graph: string;
  readonly reason: string | null;
}

export function protect(context: CommandContext, options: ProtectOptions): Promise<ExitCode> {
  return operate(
    context,
    options.verb,
    (cluster) => cluster.protect(options.verb, options.graph, options.reason),
    ({ outcome }, done) => {
      const what = outcome === "noop" ? "it was so already" : `revision ${done.state_revision}`;
      const lines = protectionLines(done.protected);
      return [
        `cluster ${options.verb}: ${what}`,
        ...(lines.length === 0 ? ["  no graph is protected"] : lines),
      ];
    },
  );
}
