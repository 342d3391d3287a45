/**
 * Ends what blocks a cluster: somebody has looked, and says who they are and why the runs may go on. Ending it twice is
 * ending it once; the first reason stays.
 */
import { type BlockedNote, type BlockedPorts, unblockCluster } from "../apply/runs/blocked.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { namedActor } from "./named-actor.ts";

export const UNBLOCK_OUTPUT_FORMAT_VERSION = 1;

export interface UnblockCommand {
  readonly actor: string | null;
  readonly reason: string;
}

export interface UnblockOutput {
  readonly ok: boolean;
  readonly format_version: typeof UNBLOCK_OUTPUT_FORMAT_VERSION;
  /** Who had blocked the cluster, when and why, and who has ended it; absent if nothing was ended. */
  readonly blocked?: BlockedNote;
  readonly unblocked?: BlockedNote;
  readonly diagnostics: readonly Diagnostic[];
}

export async function endBlock(
  ports: BlockedPorts,
  { actor, reason }: UnblockCommand,
): Promise<UnblockOutput> {
  const named = namedActor(actor, reason, "unblock the cluster", "unblock_actor_missing");
  if (named.tag === "refused") return failed(named.diagnostics);
  if (reason.trim() === "") {
    const message = "Why the cluster is unblocked must be said: it is on record for ever.";
    return failed([diagnostic("unblock_reason_missing", { path: "reason", message })]);
  }
  const ended = await unblockCluster(ports, { by: named.actor, reason });
  if (ended.tag === "refused") return failed(ended.diagnostics);
  const { blocked, unblocked } = ended.record;
  const facts = unblocked === null ? { blocked } : { blocked, unblocked };
  return { ok: true, format_version: UNBLOCK_OUTPUT_FORMAT_VERSION, ...facts, diagnostics: [] };
}

function failed(diagnostics: readonly Diagnostic[]): UnblockOutput {
  return { ok: false, format_version: UNBLOCK_OUTPUT_FORMAT_VERSION, diagnostics };
}
