/** Ends what a dead letter blocked (`operate/end-block.ts`), and prompts again what was left. */
import type { ClusterName } from "../digest/ids.ts";
import { endBlock, type UnblockCommand, type UnblockOutput } from "../operate/end-block.ts";
import type { Deployment } from "./deployment.ts";
import { promptDrain } from "./prompt.ts";

export async function unblock(
  deployment: Deployment,
  cluster: ClusterName,
  command: UnblockCommand,
): Promise<UnblockOutput> {
  const output = await endBlock(deployment.open(cluster), command);
  if (output.ok) await promptDrain(deployment, cluster);
  return output;
}
