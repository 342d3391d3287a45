/**
 * Who changed the deployment last, when and by which run: the newest commit of the history, and the newest one that
 * changed a resource (tenet 0; design 4.6). Read from receipts; a receipt that cannot be read ends the search, because
 * status reports what is known and refuses nothing for it.
 */
import type { CommitId, PlanId, RunId } from "../digest/ids.ts";
import { parentOf, readReceipt } from "../ledger/history.ts";
import type { CommitKind, Receipt, ReceiptChange } from "../ledger/receipt.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { RECEIPTS_FOLLOWED_MAX } from "./limits.ts";

export interface CommitSummary {
  readonly revision: number;
  readonly commit_id: CommitId;
  readonly kind: CommitKind;
  readonly at: string | null;
  readonly actor: string | null;
  readonly trigger: string | null;
  readonly run_id: RunId | null;
  readonly plan_id: PlanId | null;
  readonly config_digest: string | null;
  readonly changes: readonly ReceiptChange[];
}

export interface LastCommits {
  readonly last_commit: CommitSummary | null;
  /** The same commit, an earlier one, or null if none is among the newest receipts. */
  readonly last_change: CommitSummary | null;
}

export async function readLastCommits(ports: StorePorts, newest: Receipt | null): Promise<LastCommits> {
  const last_commit = newest === null ? null : summary(newest);
  let receipt = newest;
  for (let followed = 0; receipt !== null && followed < RECEIPTS_FOLLOWED_MAX; followed += 1) {
    // A begin commit says what is about to happen; the final one, what did.
    if (receipt.changes.length > 0 && receipt.kind !== "begin")
      return { last_commit, last_change: summary(receipt) };
    const parent = parentOf(receipt);
    const found = parent === null ? null : await readReceipt(ports, parent);
    receipt = found?.tag === "receipt" ? found.receipt : null;
  }
  return { last_commit, last_change: null };
}

function summary(receipt: Receipt): CommitSummary {
  const { revision, commit_id, kind, at, actor, trigger, run_id, plan_id, config_digest, changes } = receipt;
  return { revision, commit_id, kind, at, actor, trigger, run_id, plan_id, config_digest, changes };
}
