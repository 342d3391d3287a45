/** `graphform apply --continue RUN`: goes on with a run that stopped at its deadline or died, with its own plan. */
import type { RunId } from "../../lib/digest/ids.ts";
import { openClusterOf } from "../cluster/open.ts";
import type { CommandContext, ExitCode } from "../command-context.ts";
import { answerApply } from "./apply.ts";
import { noAnswer } from "./verb-failure.ts";

/** `stopAfterMs` null: until the run is finished. */
export async function goOn(
  context: CommandContext,
  id: RunId,
  stopAfterMs: number | null,
): Promise<ExitCode> {
  const applied = await (await openClusterOf(context)).goOn(id, stopAfterMs);
  if (applied.tag !== "answered") return noAnswer(context, "apply", applied);
  return answerApply(context, applied.output, false);
}
