/** `graphform fsck`: is the deployment what it says it is? Reads only; `--repair` proposes what mends it. */
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { renderFsck } from "../render/render-fsck.ts";
import { failure, nothingObserved } from "./verb-failure.ts";

export interface FsckOptions {
  readonly repair: boolean;
}

export async function fsck(context: CommandContext, { repair }: FsckOptions): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") {
    const facts = { state_observations: nothingObserved(context), facts: [], repair: null };
    return failure(context, "fsck", storage.diagnostics, facts);
  }
  const output = await fsckCluster(openCluster(storage), { config_dir: context.config_dir, repair });
  if (context.json) printJson(context, output);
  else printLines(context, renderFsck(output, context.out));
  return output.ok ? 0 : 1;
}
