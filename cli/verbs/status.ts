/** `graphform status`: what is deployed, who holds the lock, what is not as it should be. Reads only. */
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { renderStatus } from "../render/render-ledger.ts";
import { failure, nothingObserved } from "./verb-failure.ts";

export async function status(context: CommandContext): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") {
    const empty = { resource_digests: {}, resource_statuses: {}, observations: {} };
    const facts = { state_observations: nothingObserved(context), ...empty };
    return failure(context, "status", storage.diagnostics, facts);
  }
  const output = await statusCluster(openCluster(storage), context.config_dir);
  if (context.json) printJson(context, output);
  else printLines(context, renderStatus(output, context.out));
  return output.ok ? 0 : 1;
}
