/**
 * FollowHistory: the receipts of a commit and of all its ancestors, each checked against the digest that its successor
 * names, back to the first commit or to where the chain ends (design 4.6; S9).
 *
 * What a receipt's parent is called stands only in the receipt, so following them one by one costs one call each. Most
 * of the time the names of a stretch can be listed, so receipts are fetched in waves ahead of the check; the check is
 * the same, and what the wave did not bring is read by its name.
 */
import { assertNever } from "../digest/assert.ts";
import type { CommitIdentity } from "./head.ts";
import { judgeReceipt, parentOf, type ReceiptReading, readReceipt } from "./history.ts";
import { RECEIPTS_PREFIX, receiptKey, receiptStretch } from "./keys.ts";
import { RECEIPTS_AHEAD } from "./limits.ts";
import type { Receipt } from "./receipt.ts";
import { readObjectRetrying, retryRead, type StorePorts } from "./retry.ts";

export type HistoryEnd =
  /** The first commit was reached; nothing is missing. */
  | { readonly tag: "beginning" }
  /** More commits than were asked for; `next` is the first that was not read. */
  | { readonly tag: "limit"; readonly next: CommitIdentity }
  /** The receipt of `at` is gone or is not the one that its successor names: what was before is not known. */
  | {
      readonly tag: "broken";
      readonly at: CommitIdentity;
      /** It is gone; else something else stands in its place. */
      readonly lost: boolean;
      readonly detail: string;
    }
  | { readonly tag: "unavailable"; readonly at: CommitIdentity; readonly reason: string };

export interface History {
  /** Newest first, without a gap. */
  readonly receipts: readonly Receipt[];
  readonly end: HistoryEnd;
}

/** The receipts from `from` downwards, at most `receipts_max` of them. */
export async function followHistory(
  ports: StorePorts,
  from: CommitIdentity,
  receipts_max: number,
): Promise<History> {
  const receipts: Receipt[] = [];
  const ahead: Ahead = { floor: from.revision, found: new Map() };
  let current: CommitIdentity | null = from;
  while (current !== null) {
    if (receipts.length >= receipts_max) return { receipts, end: { tag: "limit", next: current } };
    const reading = await nextReceipt(ports, current, ahead);
    switch (reading.tag) {
      case "receipt":
        receipts.push(reading.receipt);
        current = parentOf(reading.receipt);
        break;
      case "absent":
        return { receipts, end: { tag: "broken", at: current, lost: true, detail: "it is not there" } };
      case "damaged":
        return { receipts, end: { tag: "broken", at: current, lost: false, detail: reading.problem } };
      case "unavailable":
        return { receipts, end: { tag: "unavailable", at: current, reason: reading.reason } };
      default:
        return assertNever(reading);
    }
  }
  return { receipts, end: { tag: "beginning" } };
}

/** What was fetched of the revisions above `floor`. */
interface Ahead {
  floor: number;
  readonly found: Map<string, Uint8Array>;
}

/** The receipt of `identity`; the ones below it are fetched with it. */
async function nextReceipt(
  ports: StorePorts,
  identity: CommitIdentity,
  ahead: Ahead,
): Promise<ReceiptReading> {
  if (identity.revision <= ahead.floor) await fetchAhead(ports, identity.revision, ahead);
  const bytes = ahead.found.get(receiptKey(identity.revision, identity.commit_id));
  return bytes === undefined ? readReceipt(ports, identity) : judgeReceipt(identity, bytes);
}

async function fetchAhead(ports: StorePorts, revision: number, ahead: Ahead): Promise<void> {
  ahead.floor = Math.max(0, revision - RECEIPTS_AHEAD);
  ahead.found.clear();
  const stretch = { prefix: RECEIPTS_PREFIX, after: receiptStretch(ahead.floor), limit: RECEIPTS_AHEAD };
  const listed = await retryRead(ports.clock, () => ports.store.list(stretch));
  if (listed.tag === "unavailable") return;
  await Promise.all(
    listed.keys.map(async (key) => {
      const read = await readObjectRetrying(ports, key);
      if (read.tag === "found") ahead.found.set(key, read.bytes);
    }),
  );
}
