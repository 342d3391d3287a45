/** `graphform ledger`: the ledger as it is stored, which is JSON with and without --json. Reads only. */
import { openClusterOf } from "../cluster/open.ts";
import type { CommandContext, ExitCode } from "../command-context.ts";
import { noAnswer } from "./verb-failure.ts";

export async function ledger(context: CommandContext): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).ledger();
  if (asked.tag !== "answered") return noAnswer(context, "ledger", asked);
  context.write(asked.output);
  return 0;
}
