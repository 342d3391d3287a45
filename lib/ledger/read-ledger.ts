/**
 * Reading the ledger: the document, its marker, and the heads that prove whether it is the newest of its history
 * (design 4.5, 4.6). A LedgerReading is the only thing that commits build on.
 *
 * Two ways: a writer under the lease reads with `repair`, which supplies what a dead writer left out (a missing head
 * of the present revision, the receipt of a range that another tool wrote). A reader without the lease (plan, status)
 * writes nothing and only reports. It may see the ledger move between two of its reads; so a bad verdict holds only
 * if the document is still the same afterwards.
 */
import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import type { LedgerRead } from "../ports/ledger-store.ts";
import { compactApplied, decodeLedger } from "./codec.ts";
import type { CommitIdentity } from "./head.ts";
import { readHighestHead, readReceipt } from "./history.ts";
import { judgeHeads } from "./judge-heads.ts";
import type { LedgerDocument, LedgerPorts, ReadLedgerOptions } from "./ledger-document.ts";
import { READINGS_MAX, REVISION_MAX } from "./limits.ts";
import { type CommitMarker, readMarker } from "./marker.ts";
import { judgeForeign } from "./read-foreign.ts";
import type { LedgerReading } from "./reading.ts";
import {
  besideCommitted,
  damagedReceiptReading,
  forkedReading,
  lostDiagnostic,
  unavailableReading,
} from "./reading-problems.ts";
import { readyReading } from "./ready-reading.ts";
import { retryRead } from "./retry.ts";

/** The ledger as it stands. */
export async function readLedger(ports: LedgerPorts, options: ReadLedgerOptions): Promise<LedgerReading> {
  for (let attempt = 0; attempt < READINGS_MAX; attempt += 1) {
    const read = await retryRead(ports.clock, () => ports.ledger.read());
    options.onDocument?.();
    const reading = await judge(ports, read, options);
    if (reading.tag === "ready" || reading.tag === "unavailable") return reading;
    const again = await retryRead(ports.clock, () => ports.ledger.read());
    if (sameRead(read, again)) return reading;
  }
  return unavailableReading("it changes faster than it can be read");
}

function sameRead(a: LedgerRead, b: LedgerRead): boolean {
  if (a.tag === "found" && b.tag === "found") return a.version === b.version;
  return a.tag === b.tag;
}

async function judge(
  ports: LedgerPorts,
  read: LedgerRead,
  options: ReadLedgerOptions,
): Promise<LedgerReading> {
  switch (read.tag) {
    case "absent":
      return judgeAbsence(ports);
    case "unavailable":
      return unavailableReading(read.reason);
    case "forked": {
      // A document that is no ledger at all is damaged or from elsewhere; only two ledgers are a fork.
      const present = decodeLedger(read.present);
      if (present.tag === "invalid") return besideCommitted(present.diagnostics);
      return forkedReading("The committed ledger and state.json have the same revision and differ.");
    }
    case "found": {
      const decoded = decodeLedger(read.bytes);
      if (decoded.tag === "invalid") return decoded;
      const { state } = decoded;
      const reading = readMarker(state);
      const marker = reading.tag === "marked" ? reading.marker : null;
      const document: LedgerDocument = { bytes: read.bytes, version: read.version, state, marker };
      const current = marker !== null && marker.state_revision === state.state_revision;
      return current ? judgeOwn(ports, document, marker, options) : judgeForeign(ports, document, options);
    }
    default:
      return assertNever(read);
  }
}

/** No document: a cluster that never was, or a lost ledger. Heads prove it; receipts alone prove nothing. */
async function judgeAbsence(ports: LedgerPorts): Promise<LedgerReading> {
  const highest = await readHighestHead(ports, REVISION_MAX);
  if (highest.tag === "unavailable") return unavailableReading(highest.reason);
  if (highest.tag === "absent") return { tag: "missing" };
  const found = await readReceipt(ports, highest.head);
  if (found.tag === "unavailable") return unavailableReading(found.reason);
  const receipt = found.tag === "receipt" ? found.receipt : null;
  return { tag: "lost", highest: highest.head, receipt, diagnostics: [lostDiagnostic(highest.head)] };
}

/** The newest revision is a commit of ours. The reads are independent, so they go in one wave (design 12). */
async function judgeOwn(
  ports: LedgerPorts,
  document: LedgerDocument,
  marker: CommitMarker,
  options: ReadLedgerOptions,
): Promise<LedgerReading> {
  const identity: CommitIdentity = {
    revision: marker.state_revision,
    commit_id: marker.commit_id,
    receipt_digest: marker.receipt_digest,
  };
  const [heads, found] = await Promise.all([
    judgeHeads(ports, document, identity, options),
    readReceipt(ports, identity),
  ]);
  if (heads.tag !== "fits") return heads.reading;
  if (found.tag === "unavailable") return unavailableReading(found.reason);
  if (found.tag === "damaged") return damagedReceiptReading(identity, found.problem);
  const receipt = found.tag === "receipt" ? found.receipt : null;
  if (receipt !== null && receipt.applied_digest_after !== sha256(compactApplied(document.state))) {
    return forkedReading(
      `The resources of revision ${identity.revision} are not those that its receipt records: state.json was edited.`,
    );
  }
  return readyReading(document, identity, receipt, {
    foreign: false,
    head_missing: heads.head_missing,
    ...options,
  });
}
