/** The cluster that a command is about: the one of the config folder, or one of a deployment that has an API. */
import type { CommandContext } from "../command-context.ts";
import type { Cluster } from "./cluster.ts";

/** Each kind is loaded when it is needed: a command on an API loads no engine. */
export async function openClusterOf(context: CommandContext): Promise<Cluster> {
  if (context.api === undefined) return (await import("./folder-cluster.ts")).folderCluster(context);
  return (await import("./api-cluster.ts")).apiCluster(context, context.api);
}
