/** Ends what a dead letter blocked: somebody has looked, and says who and why. What was left is prompted again. */
import { unblockCluster } from "../apply/runs/blocked.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { recordTextProblems } from "../operate/record-text.ts";
import type { Deployment } from "./deployment.ts";
import { promptDrain } from "./prompt.ts";

export const UNBLOCK_OUTPUT_FORMAT_VERSION = 1;

export interface UnblockCommand {
  readonly actor: string;
  readonly reason: string;
}

export interface UnblockOutput {
  readonly ok: boolean;
  readonly format_version: typeof UNBLOCK_OUTPUT_FORMAT_VERSION;
  /** Who had blocked the cluster, when and why, and who has ended it; absent if nothing was ended. */
  readonly blocked?: { readonly by: string; readonly reason: string; readonly at: string };
  readonly unblocked?: { readonly by: string; readonly reason: string; readonly at: string };
  readonly diagnostics: readonly Diagnostic[];
}

export async function unblock(
  deployment: Deployment,
  cluster: ClusterName,
  { actor, reason }: UnblockCommand,
): Promise<UnblockOutput> {
  const failed = (diagnostics: readonly Diagnostic[]): UnblockOutput => {
    return { ok: false, format_version: UNBLOCK_OUTPUT_FORMAT_VERSION, diagnostics };
  };
  const texts = recordTextProblems(actor, reason);
  if (texts.length > 0) return failed(texts);
  if (reason.trim() === "") {
    const message = "Why the cluster is unblocked must be said: it is on record for ever.";
    return failed([diagnostic("run_order_invalid", { path: "reason", message })]);
  }
  const ended = await unblockCluster(deployment.open(cluster), { by: actor, reason });
  if (ended.tag === "refused") return failed(ended.diagnostics);
  await promptDrain(deployment, cluster);
  const { blocked, unblocked } = ended.record;
  const facts = unblocked === null ? { blocked } : { blocked, unblocked };
  return { ok: true, format_version: UNBLOCK_OUTPUT_FORMAT_VERSION, ...facts, diagnostics: [] };
}
