/** The history and the ledger of a folder, as the API of a deployment gives them. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import { encodeLedger } from "../../lib/ledger/codec.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { Receipt } from "../../lib/ledger/receipt.ts";
import { newestCommit, readRevision, revisionUnknown } from "../../lib/observe/read-history.ts";
import { gapDiagnostics, wholeHistory } from "../../lib/observe/whole-history.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { type Answered, answered, type HistoryList, unanswered } from "./cluster.ts";

export async function listFolderHistory(
  ports: ClusterPorts,
  receiptsMax: number,
): Promise<Answered<HistoryList>> {
  const newest = await newestCommit(ports);
  if (newest.tag === "refused") return unanswered(newest.diagnostics);
  if (newest.tag === "none") return answered({ receipts: [], more: false, diagnostics: [] });
  const found = await wholeHistory(ports, newest.identity, receiptsMax);
  if (found.tag === "unavailable") return unanswered([unread(found.reason)]);
  const { commits, gaps, limit } = found;
  return answered({ receipts: commits, more: limit !== null, diagnostics: gapDiagnostics(gaps) });
}

export async function showFolderRevision(ports: ClusterPorts, revision: number): Promise<Answered<Receipt>> {
  const read = await readRevision(ports, revision);
  const path = String(revision);
  switch (read.tag) {
    case "receipt":
      return answered(read.receipt);
    case "unknown":
      return unanswered([revisionUnknown(revision)]);
    case "refused":
      return unanswered(read.diagnostics);
    case "absent": {
      const message = `The receipt of revision ${revision} is lost.`;
      return unanswered([diagnostic("state_receipt_missing", { path, message, severity: "error" })]);
    }
    case "damaged": {
      const message = `The receipt of revision ${revision}: ${read.problem}.`;
      return unanswered([diagnostic("state_receipt_invalid", { path, message })]);
    }
    case "unavailable":
      return unanswered([unread(read.reason)]);
    default:
      return assertNever(read);
  }
}

function unread(reason: string): Diagnostic {
  const message = `The history could not be read: ${reason}.`;
  return diagnostic("state_read_error", { path: "history", message });
}

export async function showFolderLedger(ports: ClusterPorts): Promise<Answered<string>> {
  const reading = await readLedger(ports, { repair: false });
  if (reading.tag === "missing") {
    const message = "There is no ledger yet.";
    return unanswered([diagnostic("state_missing", { path: STATE_KEY, message })]);
  }
  if (reading.tag !== "ready") return unanswered(reading.diagnostics);
  return answered(Buffer.from(encodeLedger(reading.state)).toString("utf8"));
}
