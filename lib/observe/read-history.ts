/**
 * The history as it is asked for: the commit that it begins with, and the receipt of one revision. Reads only, and also
 * where the ledger itself is lost or put back to an older copy, because then its history is what people look at.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { CommitIdentity } from "../ledger/head.ts";
import { type ReceiptReading, readHeadOf, readReceipt } from "../ledger/history.ts";
import type { LedgerPorts } from "../ledger/ledger-document.ts";
import { REVISION_MAX } from "../ledger/limits.ts";
import { readLedger } from "../ledger/read-ledger.ts";

/** The ledger contradicts itself or could not be read, so it is not known where its history begins. */
interface RefusedHistory {
  readonly tag: "refused";
  readonly diagnostics: readonly Diagnostic[];
}

export type NewestCommit =
  | { readonly tag: "commit"; readonly identity: CommitIdentity }
  /** There never was a ledger. */
  | { readonly tag: "none" }
  | RefusedHistory;

export async function newestCommit(ports: LedgerPorts): Promise<NewestCommit> {
  const reading = await readLedger(ports, { repair: false });
  switch (reading.tag) {
    case "missing":
      return { tag: "none" };
    case "ready":
      return { tag: "commit", identity: reading.identity };
    case "lost":
    case "rolled_back":
      return { tag: "commit", identity: reading.highest };
    case "forked":
    case "invalid":
    case "unavailable":
      return { tag: "refused", diagnostics: reading.diagnostics };
    default:
      return assertNever(reading);
  }
}

export type RevisionReading = ReceiptReading | RefusedHistory | { readonly tag: "unknown" };

/** The receipt of one revision, whole; `unknown`: there is no such revision. */
export async function readRevision(ports: LedgerPorts, revision: number): Promise<RevisionReading> {
  if (!Number.isSafeInteger(revision) || revision < 1 || revision > REVISION_MAX) return { tag: "unknown" };
  const head = await readHeadOf(ports, revision);
  if (head.tag === "unavailable") return head;
  if (head.tag === "head") return readReceipt(ports, head.head);
  // The newest revision may not have its head yet.
  const newest = await newestCommit(ports);
  if (newest.tag === "refused") return newest;
  const isNewest = newest.tag === "commit" && newest.identity.revision === revision;
  return isNewest ? readReceipt(ports, newest.identity) : { tag: "unknown" };
}

export function revisionUnknown(revision: number | string): Diagnostic {
  const message = `There is no revision "${revision}".`;
  return diagnostic("revision_unknown", { path: String(revision), message });
}
