/**
 * ReadForeign: reading a ledger whose newest revision another tool has written (design 4.6, foreign). The range of its
 * revisions becomes one commit of the history, with one receipt.
 */
import { stateCas } from "../digest/digest.ts";
import { foreignReceipt } from "./foreign-range.ts";
import type { CommitIdentity } from "./head.ts";
import { readHighestHead, readReceipt } from "./history.ts";
import { judgeHeads, rolledBack } from "./judge-heads.ts";
import { receiptKey } from "./keys.ts";
import type { LedgerDocument, LedgerPorts, ReadLedgerOptions } from "./ledger-document.ts";
import type { CommitMarker } from "./marker.ts";
import type { LedgerReading } from "./reading.ts";
import { damagedReceiptReading, unavailableReading } from "./reading-problems.ts";
import { readyReading } from "./ready-reading.ts";
import { decodeReceipt, encodeReceipt, type Receipt, receiptDigest } from "./receipt.ts";
import { putOnce } from "./retry.ts";

/** Another tool wrote the newest revision. Its receipt follows from the document, so every client makes the same. */
export async function judgeForeign(
  ports: LedgerPorts,
  document: LedgerDocument,
  options: ReadLedgerOptions,
): Promise<LedgerReading> {
  const { marker, state } = document;
  if (marker !== null) {
    const last = { revision: marker.state_revision, ...pickIdentity(marker) };
    const own = await judgeHeads(ports, document, last, options);
    if (own.tag !== "fits") return own.reading;
  }
  const parent = await foreignParent(ports, document);
  if (parent.tag === "stopped") return parent.reading;
  if (skipsOwnCommit(marker, parent.receipt)) return rolledBack(ports, document);
  const expected = foreignReceipt(state, stateCas(document.bytes), parent.identity, parent.receipt);
  const settled = await settleForeignReceipt(ports, expected, options);
  if (settled.tag === "stopped") return settled.reading;
  const heads = await judgeHeads(ports, document, settled.identity, options);
  if (heads.tag !== "fits") return heads.reading;
  return readyReading(document, settled.identity, settled.receipt, {
    foreign: true,
    head_missing: heads.head_missing,
    ...options,
  });
}

/** The other tool built on an older copy than our newest commit, whose marker its document would carry otherwise. */
function skipsOwnCommit(marker: CommitMarker | null, parent: Receipt | null): boolean {
  if (marker === null || parent === null || parent.kind === "foreign") return false;
  return parent.revision > marker.state_revision;
}

function pickIdentity(marker: CommitMarker): Pick<CommitIdentity, "commit_id" | "receipt_digest"> {
  return { commit_id: marker.commit_id, receipt_digest: marker.receipt_digest };
}

type Stopped = { readonly tag: "stopped"; readonly reading: LedgerReading };

/** The newest commit before the foreign range: the highest head below it, or else the marker's commit. */
async function foreignParent(
  ports: LedgerPorts,
  { marker, state }: LedgerDocument,
): Promise<
  | Stopped
  | { readonly tag: "parent"; readonly identity: CommitIdentity | null; readonly receipt: Receipt | null }
> {
  const below = await readHighestHead(ports, state.state_revision - 1);
  if (below.tag === "unavailable") return { tag: "stopped", reading: unavailableReading(below.reason) };
  const own = marker === null ? null : { revision: marker.state_revision, ...pickIdentity(marker) };
  const identity = below.tag === "head" ? below.head : own;
  if (identity === null) return { tag: "parent", identity, receipt: null };
  const found = await readReceipt(ports, identity);
  if (found.tag === "unavailable") return { tag: "stopped", reading: unavailableReading(found.reason) };
  return { tag: "parent", identity, receipt: found.tag === "receipt" ? found.receipt : null };
}

/** Writes the foreign receipt under the lease; one that is there already counts, whoever wrote it. */
async function settleForeignReceipt(
  ports: LedgerPorts,
  expected: Receipt,
  options: ReadLedgerOptions,
): Promise<
  Stopped | { readonly tag: "settled"; readonly identity: CommitIdentity; readonly receipt: Receipt }
> {
  const bytes = encodeReceipt(expected);
  const { revision, commit_id } = expected;
  const settled = (receipt: Receipt, content: Uint8Array) =>
    ({
      tag: "settled",
      receipt,
      identity: { revision, commit_id, receipt_digest: receiptDigest(content) },
    }) as const;
  if (!options.repair) return settled(expected, bytes);
  const put = await putOnce(ports, receiptKey(revision, commit_id), bytes);
  if (put.tag === "present") return settled(expected, bytes);
  if (put.tag === "other") {
    const decoded = decodeReceipt(put.bytes);
    if (decoded.tag === "decoded" && decoded.receipt.kind === "foreign") {
      return settled(decoded.receipt, put.bytes);
    }
    const damaged = { revision, commit_id, receipt_digest: receiptDigest(put.bytes) };
    return {
      tag: "stopped",
      reading: damagedReceiptReading(damaged, "it is not the receipt of a foreign range"),
    };
  }
  return { tag: "stopped", reading: unavailableReading(put.reason) };
}
