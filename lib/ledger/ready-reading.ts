/** The reading of a ledger that fits its history. */
import { stateCas } from "../digest/digest.ts";
import type { CommitIdentity } from "./head.ts";
import type { LedgerDocument } from "./ledger-document.ts";
import type { ReadyLedger } from "./reading.ts";
import { missingReceiptDiagnostic } from "./reading-problems.ts";
import type { Receipt } from "./receipt.ts";

/** `identity` is the commit that the next one builds on; `receipt` is null if it is missing. */
export function readyReading(
  { state, version, bytes, marker }: LedgerDocument,
  identity: CommitIdentity,
  receipt: Receipt | null,
  facts: { readonly foreign: boolean; readonly head_missing: boolean; readonly repair: boolean },
): ReadyLedger {
  return {
    tag: "ready",
    state,
    version,
    cas: stateCas(bytes),
    marker,
    identity,
    receipt,
    foreign: facts.foreign,
    head_missing: facts.head_missing,
    repaired: facts.repair,
    diagnostics: receipt === null ? [missingReceiptDiagnostic(identity)] : [],
  };
}
