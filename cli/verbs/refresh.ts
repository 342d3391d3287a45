/** `graphform refresh` and `graphform import`: record what is really there. */
import { refreshCluster } from "../../lib/observe/refresh-cluster.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { renderRefresh } from "../render/render-ledger.ts";
import { watchInterrupts } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

export async function refresh(context: CommandContext, operation: "refresh" | "import"): Promise<ExitCode> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, operation, storage.diagnostics);
  const command = { desired, actor: context.actor, trigger: "cli" };
  const interrupts = watchInterrupts(context);
  const output = await refreshCluster(openCluster(storage), operation, command);
  interrupts.stop();
  if (context.json) printJson(context, output);
  else printLines(context, renderRefresh(output, context.out));
  return output.ok ? 0 : 1;
}
