/**
 * The ledger that an import starts from where one was lost or put back to an older copy (design 4.6): what the newest
 * receipt of the history records. Pure.
 *
 * A receipt names digests and nothing else, so bindings and profiles come from the older copy where the digest is
 * still the same, and are recorded again by the next apply where it is not. No config has been converged to (W26).
 */
import type { Receipt } from "../ledger/receipt.ts";
import type { LedgerResource, LedgerState } from "../ledger/state.ts";
import { emptyLedger } from "./empty-ledger.ts";

/** `receipt` null: it is lost too, so the older copy is all there is. */
export function rebuiltLedger(receipt: Receipt | null, older: LedgerState | null): LedgerState {
  const start = older ?? emptyLedger();
  const known = start.applied_revision.resources;
  const resources = receipt === null ? known : entriesOf(receipt, known);
  return { ...start, applied_revision: { config_digest: null, resources } };
}

function entriesOf(
  receipt: Receipt,
  known: Readonly<Record<string, LedgerResource>>,
): Readonly<Record<string, LedgerResource>> {
  const entries = Object.entries(receipt.resources).map(([address, digest]) => {
    const before = Object.hasOwn(known, address) ? known[address] : undefined;
    return [address, before?.digest === digest ? before : { digest }] as const;
  });
  return Object.fromEntries(entries);
}
