/**
 * Has a revision of the history used an approval? (design 8). The ledger's own records may have been lost with an older
 * copy that was put back or with a rebuild; receipts are never lost that way. An approval cannot have been used before
 * it was given, so the history is followed down to the revision at which it was.
 */
import type { PastUse } from "../../approval/match.ts";
import { assertNever } from "../../digest/assert.ts";
import type { ApprovalId } from "../../digest/ids.ts";
import type { CommitIdentity } from "../../ledger/head.ts";
import { parentOf, type ReceiptReading, readReceipt } from "../../ledger/history.ts";
import { HISTORY_STEPS_MAX } from "../../ledger/limits.ts";
import type { ReadyLedger } from "../../ledger/reading.ts";
import type { StorePorts } from "../../ledger/retry.ts";

/** `given_at`: the ledger's revision when the approval was given. `ledger` null: there is none. */
export async function pastUse(
  ports: StorePorts,
  ledger: ReadyLedger | null,
  id: ApprovalId,
  given_at: number,
): Promise<PastUse> {
  if (ledger === null || ledger.identity.revision < given_at) {
    return given_at === 0 ? { tag: "unused" } : unknown(`the ledger is older than revision ${given_at}`);
  }
  let current: CommitIdentity | null = ledger.identity;
  let reading: ReceiptReading =
    ledger.receipt === null ? { tag: "absent" } : { tag: "receipt", receipt: ledger.receipt };
  for (let step = 0; step < HISTORY_STEPS_MAX; step += 1) {
    if (current.revision <= given_at) return { tag: "unused" };
    if (reading.tag !== "receipt") return unknown(lossText(current.revision, reading));
    const { revision } = current;
    const used = reading.receipt.approvals_consumed.some((each) => each.approval_id === id);
    if (used) return { tag: "used", revision };
    current = parentOf(reading.receipt);
    if (current === null) {
      return given_at === 0 ? { tag: "unused" } : unknown(`the history begins at revision ${revision}`);
    }
    if (current.revision > given_at) reading = await readReceipt(ports, current);
  }
  return unknown(`more than ${HISTORY_STEPS_MAX} revisions were committed since`);
}

function lossText(revision: number, reading: Exclude<ReceiptReading, { tag: "receipt" }>): string {
  switch (reading.tag) {
    case "absent":
      return `the receipt of revision ${revision} is missing`;
    case "damaged":
      return `the receipt of revision ${revision} is damaged: ${reading.problem}`;
    case "unavailable":
      return `the receipt of revision ${revision} cannot be read: ${reading.reason}`;
    default:
      return assertNever(reading);
  }
}

function unknown(reason: string): PastUse {
  return { tag: "unknown", reason };
}
