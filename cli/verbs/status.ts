/** `graphform status`: what is deployed, who holds the lock, what is not as it should be. Reads only. */
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderStatus } from "../render/render-ledger.ts";
import { noAnswer, nothingObserved } from "./verb-failure.ts";

export async function status(context: CommandContext): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).status();
  if (asked.tag !== "answered") {
    const empty = { resource_digests: {}, resource_statuses: {}, observations: {} };
    const facts = { state_observations: nothingObserved(context), ...empty };
    return noAnswer(context, "status", asked, facts);
  }
  if (context.json) printJson(context, asked.output);
  else printLines(context, renderStatus(asked.output, context.out));
  return asked.output.ok ? 0 : 1;
}
