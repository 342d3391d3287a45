/** `graphform refresh` and `graphform import`: record what is really there. */
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderRefresh } from "../render/render-ledger.ts";
import { noAnswer, nothingObserved } from "./verb-failure.ts";

export async function refresh(context: CommandContext, operation: "refresh" | "import"): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).observe(operation);
  if (asked.tag !== "answered") {
    const empty = { resource_digests: {}, resource_statuses: {}, observations: {}, state_written: false };
    const facts = { operation, state_observations: nothingObserved(context), ...empty };
    return noAnswer(context, operation, asked, facts);
  }
  if (context.json) printJson(context, asked.output);
  else printLines(context, renderRefresh(asked.output, context.out, context));
  return asked.output.ok ? 0 : 1;
}
