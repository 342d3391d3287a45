/** `graphform unblock`: lets the runs of a cluster go on once somebody has looked at what blocked them. */
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { printableFields } from "../render/printable.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer } from "./verb-failure.ts";

export async function unblock(context: CommandContext, reason: string): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).unblock(reason);
  if (asked.tag !== "answered") return noAnswer(context, "unblock", asked);
  const { output } = asked;
  if (context.json) {
    printJson(context, output);
    return output.ok ? 0 : 1;
  }
  const { ok, blocked, unblocked, diagnostics } = output;
  const notes = Object.entries(printableFields({ blocked, unblocked })).flatMap(([what, note]) =>
    note === undefined ? [] : [`  ${what} by ${note.by}, ${note.at}: ${note.reason}`],
  );
  printLines(context, [
    ok ? "cluster unblock: runs go on again" : context.out.red("cluster unblock failed"),
    ...notes,
    ...renderDiagnostics(diagnostics, context.out),
  ]);
  return ok ? 0 : 1;
}
