/** `graphform fsck`: is the deployment what it says it is? Reads only; `--repair` proposes what mends it. */
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderFsck } from "../render/render-fsck.ts";
import { noAnswer, nothingObserved } from "./verb-failure.ts";

export interface FsckOptions {
  readonly repair: boolean;
}

export async function fsck(context: CommandContext, { repair }: FsckOptions): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).fsck(repair);
  if (asked.tag !== "answered") {
    const facts = { state_observations: nothingObserved(context), facts: [], repair: null };
    return noAnswer(context, "fsck", asked, facts);
  }
  const { output } = asked;
  if (context.json) printJson(context, output);
  else printLines(context, renderFsck(output, context.out, context));
  return output.ok ? 0 : 1;
}
