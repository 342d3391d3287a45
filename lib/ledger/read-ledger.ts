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
import { sha256, stateCas } from "../digest/digest.ts";
import type { Clock } from "../ports/clock.ts";
import type { LedgerRead, LedgerStore } from "../ports/ledger-store.ts";
import type { ObjectStore, StoredObject } from "../ports/object-store.ts";
import { compactApplied, decodeLedger } from "./codec.ts";
import { foreignReceipt } from "./foreign-range.ts";
import { type CommitIdentity, encodeHead } from "./head.ts";
import { readHeadOf, readHighestHead, readReceipt } from "./history.ts";
import { headKey, receiptKey } from "./keys.ts";
import { READINGS_MAX, REVISION_MAX } from "./limits.ts";
import { type CommitMarker, readMarker } from "./marker.ts";
import type { LedgerReading, ReadyLedger } from "./reading.ts";
import {
  besideCommitted,
  damagedReceiptReading,
  forkedReading,
  lostDiagnostic,
  missingReceiptDiagnostic,
  rolledBackDiagnostic,
  unavailableReading,
} from "./reading-problems.ts";
import { decodeReceipt, encodeReceipt, type Receipt, receiptDigest } from "./receipt.ts";
import { putOnce, retryRead } from "./retry.ts";
import type { LedgerState } from "./state.ts";

export interface LedgerPorts {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly clock: Clock;
}

export interface ReadLedgerOptions {
  /** Only under the lease: supply a missing head, and the receipt of a foreign range. */
  readonly repair: boolean;
}

/** A decoded document and where it came from. */
interface Document extends StoredObject {
  readonly state: LedgerState;
  readonly marker: CommitMarker | null;
}

/** The ledger as it stands. */
export async function readLedger(ports: LedgerPorts, options: ReadLedgerOptions): Promise<LedgerReading> {
  for (let attempt = 0; attempt < READINGS_MAX; attempt += 1) {
    const read = await retryRead(ports.clock, () => ports.ledger.read());
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
      const document: Document = { bytes: read.bytes, version: read.version, state, marker };
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
  document: Document,
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
  return ready(document, identity, receipt, { foreign: false, head_missing: heads.head_missing, ...options });
}

/** Another tool wrote the newest revision. Its receipt follows from the document, so every client makes the same. */
async function judgeForeign(
  ports: LedgerPorts,
  document: Document,
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
  const expected = foreignReceipt(state, stateCas(document.bytes), parent.identity, parent.receipt);
  const settled = await settleForeignReceipt(ports, expected, options);
  if (settled.tag === "stopped") return settled.reading;
  const heads = await judgeHeads(ports, document, settled.identity, options);
  if (heads.tag !== "fits") return heads.reading;
  return ready(document, settled.identity, settled.receipt, {
    foreign: true,
    head_missing: heads.head_missing,
    ...options,
  });
}

function pickIdentity(marker: CommitMarker): Pick<CommitIdentity, "commit_id" | "receipt_digest"> {
  return { commit_id: marker.commit_id, receipt_digest: marker.receipt_digest };
}

type Stopped = { readonly tag: "stopped"; readonly reading: LedgerReading };

/** The newest commit before the foreign range: the highest head below it, or else the marker's commit. */
async function foreignParent(
  ports: LedgerPorts,
  { marker, state }: Document,
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

type HeadJudgement =
  | { readonly tag: "fits"; readonly head_missing: boolean }
  | { readonly tag: "stopped"; readonly reading: LedgerReading };

/**
 * Compares the ledger with the heads: one above its revision, or another commit at `identity`'s revision, means that
 * an old copy was put in its place.
 */
async function judgeHeads(
  ports: LedgerPorts,
  document: Document,
  identity: CommitIdentity,
  options: ReadLedgerOptions,
): Promise<HeadJudgement> {
  const { state_revision } = document.state;
  const [above, own] = await Promise.all([
    readHeadOf(ports, state_revision + 1),
    readHeadOf(ports, identity.revision),
  ]);
  if (above.tag === "unavailable") return stopped(unavailableReading(above.reason));
  if (own.tag === "unavailable") return stopped(unavailableReading(own.reason));
  const mismatch = own.tag === "head" && own.head.commit_id !== identity.commit_id;
  if (above.tag === "head" || mismatch) return stopped(await rolledBack(ports, document));
  if (own.tag === "head") return { tag: "fits", head_missing: false };
  if (!options.repair) return { tag: "fits", head_missing: true };
  const put = await putOnce(ports, headKey(identity.revision), encodeHead(identity));
  if (put.tag === "present") return { tag: "fits", head_missing: false };
  return stopped(put.tag === "other" ? await rolledBack(ports, document) : unavailableReading(put.reason));
}

function stopped(reading: LedgerReading): HeadJudgement {
  return { tag: "stopped", reading };
}

async function rolledBack(ports: LedgerPorts, document: Document): Promise<LedgerReading> {
  const { state, version, bytes } = document;
  const highest = await readHighestHead(ports, REVISION_MAX);
  if (highest.tag === "unavailable") return unavailableReading(highest.reason);
  if (highest.tag === "absent") return unavailableReading("a head was seen and is gone");
  const found = await readReceipt(ports, highest.head);
  if (found.tag === "unavailable") return unavailableReading(found.reason);
  return {
    tag: "rolled_back",
    state,
    version,
    cas: stateCas(bytes),
    highest: highest.head,
    receipt: found.tag === "receipt" ? found.receipt : null,
    diagnostics: [rolledBackDiagnostic(state.state_revision, highest.head)],
  };
}

function ready(
  { state, version, bytes, marker }: Document,
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
