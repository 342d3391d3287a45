/** What a command of an operator that needs the lease came to. Workers that came while it had it left again, so they are prompted. */
import type { OperateOutput } from "../operate/operate-output.ts";
import { promptIfLeft } from "../worker/work-left.ts";
import type { ClusterExchange } from "./api.ts";
import { operateAnswer } from "./operate-answer.ts";
import type { RouteResult } from "./route.ts";

export async function leasedAnswer<Facts>(
  { api, cluster, ports }: ClusterExchange,
  command: Promise<OperateOutput<Facts>>,
): Promise<RouteResult> {
  const output = await command;
  await promptIfLeft(api.deployment, cluster, ports);
  return operateAnswer(output);
}
