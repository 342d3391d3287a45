/** Force-unlock on the cluster of a folder: what was locked, and whether it still is. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { ledgerFacts } from "../../lib/apply/ledger-facts.ts";
import { lockFacts } from "../../lib/apply/lock-facts.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { observeLock } from "../../lib/ledger/lock-observation.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { stateObservations } from "../../lib/plan/state-observations.ts";
import type { CommandContext } from "../command-context.ts";
import type { UnlockOutput } from "./unlock-output.ts";

export async function unlockFolder(
  context: Pick<CommandContext, "actor" | "config_dir">,
  ports: ClusterPorts,
  lockId: string,
  reason: string | null,
): Promise<UnlockOutput> {
  const before = lockFacts(await observeLock(ports));
  const result = await forceUnlock(ports, { lock_id: lockId, actor: context.actor, reason });
  const removed = result.lock_removed || result.lease_broken;
  const lock = { ...before, locked: removed ? false : before.locked };
  const ledger = ledgerFacts(await readLedger(ports, { repair: false }));
  return {
    ok: result.ok,
    format_version: 1,
    config_dir: context.config_dir,
    state_observations: stateObservations(ports.root, ledger, lock),
    lock_removed: removed,
    diagnostics: result.diagnostics,
  };
}
