/**
 * FollowHistory: the receipts of a commit and of all its ancestors, each checked against the digest that its successor
 * names, back to the first commit or to where the chain ends (design 4.6; S9).
 *
 * What a receipt's parent is called stands only in the receipt, so following them one by one costs one call each. Most
 * of the time the names of a stretch can be listed, so receipts are fetched in waves ahead of the check; the check is
 * the same, and what the wave did not bring is read by its name.
 *
 * A receipt names every resource of its revision, so of a large cluster one receipt is megabytes. Waves are as wide as
 * their receipts are small, and of every receipt but the first only what it says of its own commit is kept.
 */
import { assertNever } from "../digest/assert.ts";
import type { CommitIdentity } from "./head.ts";
import { judgeReceipt, parentOf, type ReceiptReading, readReceipt } from "./history.ts";
import { RECEIPTS_PREFIX, receiptKey, receiptStretch } from "./keys.ts";
import { RECEIPTS_AHEAD_BYTES, RECEIPTS_AHEAD_MAX, RECEIPTS_AHEAD_MIN } from "./limits.ts";
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

/** What a receipt says of its own commit; what the whole ledger was after it is left out. */
export type PastCommit = Omit<Receipt, "resources" | "graphs" | "bindings">;

export interface History {
  /** Newest first, without a gap. */
  readonly commits: readonly PastCommit[];
  /** The receipt of the newest one, whole; null if there is none. */
  readonly newest: Receipt | null;
  readonly end: HistoryEnd;
}

export function pastCommit({ resources: _, graphs: __, bindings: ___, ...commit }: Receipt): PastCommit {
  return commit;
}

/** The commits from `from` downwards, at most `commits_max` of them. */
export async function followHistory(
  ports: StorePorts,
  from: CommitIdentity,
  commits_max: number,
): Promise<History> {
  const commits: PastCommit[] = [];
  let newest: Receipt | null = null;
  const ahead: Ahead = { floor: from.revision, width: RECEIPTS_AHEAD_MIN, found: new Map() };
  let current: CommitIdentity | null = from;
  while (current !== null) {
    if (commits.length >= commits_max) return { commits, newest, end: { tag: "limit", next: current } };
    const reading = await nextReceipt(ports, current, ahead);
    switch (reading.tag) {
      case "receipt":
        newest ??= reading.receipt;
        commits.push(pastCommit(reading.receipt));
        current = parentOf(reading.receipt);
        break;
      case "absent":
        return {
          commits,
          newest,
          end: { tag: "broken", at: current, lost: true, detail: "it is not there" },
        };
      case "damaged":
        return { commits, newest, end: { tag: "broken", at: current, lost: false, detail: reading.problem } };
      case "unavailable":
        return { commits, newest, end: { tag: "unavailable", at: current, reason: reading.reason } };
      default:
        return assertNever(reading);
    }
  }
  return { commits, newest, end: { tag: "beginning" } };
}

/** What was fetched of the revisions above `floor`. */
interface Ahead {
  floor: number;
  /** Revisions of the next wave. */
  width: number;
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
  const { width } = ahead;
  ahead.floor = Math.max(0, revision - width);
  ahead.found.clear();
  const stretch = { prefix: RECEIPTS_PREFIX, after: receiptStretch(ahead.floor), limit: width };
  const listed = await retryRead(ports.clock, () => ports.store.list(stretch));
  if (listed.tag === "unavailable") return;
  await Promise.all(
    listed.keys.map(async (key) => {
      const read = await readObjectRetrying(ports, key);
      if (read.tag === "found") ahead.found.set(key, read.bytes);
    }),
  );
  const largest = Math.max(1, ...[...ahead.found.values()].map((bytes) => bytes.length));
  const fits = Math.floor(RECEIPTS_AHEAD_BYTES / largest);
  ahead.width = Math.min(RECEIPTS_AHEAD_MAX, Math.max(RECEIPTS_AHEAD_MIN, fits));
}
