/** `graphform apply --continue RUN`: goes on with a run that stopped at its deadline or died, with its own plan. */
import { continueApply } from "../../lib/apply/runs/recorded-apply.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import type { CommandContext, ExitCode } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { openConfig } from "../open-config.ts";
import { answerApply, showProgress } from "./apply.ts";
import { watchInterrupts } from "./interrupts.ts";
import { failure } from "./verb-failure.ts";

/** `stopAfterMs` null: until the run is finished. */
export async function goOn(
  context: CommandContext,
  id: RunId,
  stopAfterMs: number | null,
): Promise<ExitCode> {
  const { desired, storage, compilations } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "apply", storage.diagnostics);
  const interrupts = watchInterrupts(context);
  const command = {
    desired,
    compilations,
    actor: context.actor,
    trigger: "cli",
    interrupted: interrupts.requested,
    progress: (progress: Parameters<typeof showProgress>[1]) => showProgress(context, progress),
  };
  const output = await continueApply(openCluster(storage), command, id, stopAfterMs);
  interrupts.stop();
  return answerApply(context, output, false);
}
