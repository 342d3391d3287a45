/** `graphform force-unlock LOCK_ID`: ends the holding with exactly this id; who did it and why is recorded. */
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { printable } from "../render/printable.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer, nothingObserved } from "./verb-failure.ts";

export async function unlock(
  context: CommandContext,
  lockId: string,
  reason: string | null,
): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).forceUnlock(lockId, reason);
  if (asked.tag !== "answered") {
    const facts = { state_observations: nothingObserved(context), lock_removed: false };
    return noAnswer(context, "force-unlock", asked, facts);
  }
  const { output } = asked;
  if (context.json) printJson(context, output);
  else
    printLines(context, [
      headline(context, output.ok, lockId),
      ...renderDiagnostics(output.diagnostics, context.out),
    ]);
  return output.ok ? 0 : 1;
}

function headline(context: CommandContext, ok: boolean, lockId: string): string {
  return ok
    ? `cluster force-unlock: removed lock (id=${printable(lockId)})`
    : context.out.red("cluster force-unlock failed");
}
