/** The history of a ledger as a test sees it: follows the receipts down from the present reading. */

import type { CommitIdentity } from "../../lib/ledger/head.ts";
import { parentOf, readReceipt } from "../../lib/ledger/history.ts";
import type { LedgerPorts } from "../../lib/ledger/ledger-document.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { ReadyLedger } from "../../lib/ledger/reading.ts";
import type { Receipt } from "../../lib/ledger/receipt.ts";

/** A reading for writing; fails the test if there is none. */
export async function readyLedger(ports: LedgerPorts): Promise<ReadyLedger> {
  const reading = await readLedger(ports, { repair: true });
  if (reading.tag !== "ready") throw new Error(`the ledger is ${reading.tag}: ${JSON.stringify(reading)}`);
  return reading;
}

/** The receipts from the newest to the first. */
export async function historyOf(ports: LedgerPorts): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  let identity: CommitIdentity | null = (await readyLedger(ports)).identity;
  while (identity !== null) {
    const reading = await readReceipt({ store: ports.store, clock: ports.clock }, identity);
    if (reading.tag !== "receipt") throw new Error(`receipt ${identity.revision} is ${reading.tag}`);
    receipts.push(reading.receipt);
    identity = parentOf(reading.receipt);
  }
  return receipts;
}
