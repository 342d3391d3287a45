/** `graphform force-unlock LOCK_ID`: ends the holding with exactly this id; who did it and why is recorded. */

import { ledgerFacts } from "../../lib/apply/ledger-facts.ts";
import { lockFacts } from "../../lib/apply/lock-facts.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { observeLock } from "../../lib/ledger/lock-observation.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { stateObservations } from "../../lib/plan/state-observations.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { failure, nothingObserved } from "./verb-failure.ts";

export async function unlock(
  context: CommandContext,
  lockId: string,
  reason: string | null,
): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") {
    const facts = { state_observations: nothingObserved(context), lock_removed: false };
    return failure(context, "force-unlock", storage.diagnostics, facts);
  }
  const ports = openCluster(storage);
  const before = lockFacts(await observeLock(ports));
  const result = await forceUnlock(ports, { lock_id: lockId, actor: context.actor, reason });
  const removed = result.lock_removed || result.lease_broken;
  const lock = { ...before, locked: removed ? false : before.locked };
  const ledger = ledgerFacts(await readLedger(ports, { repair: false }));
  const output = {
    ok: result.ok,
    format_version: 1,
    config_dir: context.config_dir,
    state_observations: stateObservations(storage.root, ledger, lock),
    lock_removed: removed,
    diagnostics: result.diagnostics,
  };
  if (context.json) printJson(context, output);
  else
    printLines(context, [
      headline(context, result.ok, lockId),
      ...renderDiagnostics(result.diagnostics, context.out),
    ]);
  return result.ok ? 0 : 1;
}

function headline(context: CommandContext, ok: boolean, lockId: string): string {
  return ok
    ? `cluster force-unlock: removed lock (id=${lockId})`
    : context.out.red("cluster force-unlock failed");
}
