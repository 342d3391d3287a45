/**
 * History: the chain of receipts behind a commit, and the heads that prove which attempts won.
 *
 * Only ancestors of the ledger's marker, or of the highest head, are history; every other receipt is inert (design
 * 4.6). A failed read is never taken for a missing object.
 */
import { assertNever } from "../digest/assert.ts";
import type { CommitIdentity } from "./head.ts";
import { decodeHead } from "./head.ts";
import { HEADS_PREFIX, headKey, headRevision, receiptKey } from "./keys.ts";
import { HEAD_PAGES_MAX, HISTORY_STEPS_MAX } from "./limits.ts";
import { decodeReceipt, type Receipt, receiptDigest } from "./receipt.ts";
import { readObjectRetrying, retryRead, type StorePorts } from "./retry.ts";

export type HeadReading =
  | { readonly tag: "head"; readonly head: CommitIdentity }
  | { readonly tag: "absent" }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The head of one revision. A damaged head is `unavailable`: what it named is not known. */
export async function readHeadOf(ports: StorePorts, revision: number): Promise<HeadReading> {
  const stored = await readObjectRetrying(ports, headKey(revision));
  if (stored.tag !== "found") return stored;
  const head = decodeHead(revision, stored.bytes);
  if (head !== null) return { tag: "head", head };
  const advice = "restore it from a backup, or move it away if the ledger is known to be the newest";
  return { tag: "unavailable", reason: `${headKey(revision)} is damaged; ${advice}` };
}

/** The highest head at or below `atMost`, by listing all of them: rare work, for foreign and rebuilt ledgers. */
export async function readHighestHead(ports: StorePorts, atMost: number): Promise<HeadReading> {
  let highest: number | null = null;
  let after: string | undefined;
  for (let page = 0; page < HEAD_PAGES_MAX; page += 1) {
    const options = { prefix: HEADS_PREFIX, limit: 1000, ...(after === undefined ? {} : { after }) };
    const listed = await retryRead(ports.clock, () => ports.store.list(options));
    if (listed.tag === "unavailable") return listed;
    for (const key of listed.keys) {
      const revision = headRevision(key);
      if (revision !== null && revision <= atMost) highest = revision;
    }
    if (listed.next === null) return highest === null ? { tag: "absent" } : readHeadOf(ports, highest);
    after = listed.next;
  }
  return { tag: "unavailable", reason: "there are more heads than can be listed" };
}

export type ReceiptReading =
  | { readonly tag: "receipt"; readonly receipt: Receipt }
  | { readonly tag: "absent" }
  | { readonly tag: "damaged"; readonly problem: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The receipt of a commit, checked against the digest that marker, head or successor name. */
export async function readReceipt(ports: StorePorts, identity: CommitIdentity): Promise<ReceiptReading> {
  const stored = await readObjectRetrying(ports, receiptKey(identity.revision, identity.commit_id));
  return stored.tag === "found" ? judgeReceipt(identity, stored.bytes) : stored;
}

/** What stands under the name of the receipt of `identity`: that receipt, or something else. */
export function judgeReceipt(
  identity: CommitIdentity,
  bytes: Uint8Array,
): Extract<ReceiptReading, { tag: "receipt" | "damaged" }> {
  if (receiptDigest(bytes) !== identity.receipt_digest) {
    return { tag: "damaged", problem: "its digest is not the one that the ledger names" };
  }
  const decoded = decodeReceipt(bytes);
  if (decoded.tag === "invalid") return { tag: "damaged", problem: decoded.problem };
  return { tag: "receipt", receipt: decoded.receipt };
}

/** The parent of a receipt's commit, or null at the beginning of the history. */
export function parentOf(receipt: Receipt): CommitIdentity | null {
  const { parent_revision, parent_commit_id, parent_receipt_digest } = receipt;
  if (parent_revision === null || parent_commit_id === null || parent_receipt_digest === null) return null;
  return {
    revision: parent_revision,
    commit_id: parent_commit_id,
    receipt_digest: parent_receipt_digest,
  };
}

/** `yes`, `no`, or `unknown` where the chain of receipts cannot be followed far enough. */
export type Ancestry = "yes" | "no" | "unknown";

/** Is `wanted` the commit `from` or one of its ancestors? */
export async function isInHistory(
  ports: StorePorts,
  from: CommitIdentity,
  wanted: Pick<CommitIdentity, "revision" | "commit_id">,
): Promise<Ancestry> {
  let current: CommitIdentity | null = from;
  for (let step = 0; step < HISTORY_STEPS_MAX; step += 1) {
    if (current === null || current.revision < wanted.revision) return "no";
    if (current.revision === wanted.revision) return current.commit_id === wanted.commit_id ? "yes" : "no";
    const reading = await readReceipt(ports, current);
    switch (reading.tag) {
      case "receipt":
        current = parentOf(reading.receipt);
        break;
      case "absent":
      case "damaged":
      case "unavailable":
        return "unknown";
      default:
        return assertNever(reading);
    }
  }
  return "unknown";
}
