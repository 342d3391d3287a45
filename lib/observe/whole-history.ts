/**
 * The whole history of a cluster: a commit and its ancestors by their receipts, and, where a receipt is lost, those of the
 * next lower head, so that one lost object hides nothing but itself. Every receipt is checked against the digest that
 * its successor or its head names.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { followHistory, type PastCommit } from "../ledger/follow-history.ts";
import type { CommitIdentity } from "../ledger/head.ts";
import { readHighestHead } from "../ledger/history.ts";
import { HISTORY_RECEIPTS_MAX } from "../ledger/limits.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { STATE_KEY } from "../ports/state-key.ts";

/** A receipt that is lost: between it and the next one of the history other commits may be lost too. */
export interface HistoryGap {
  readonly at: CommitIdentity;
  /** It is gone; else something else stands in its place. */
  readonly lost: boolean;
  readonly detail: string;
  /** The head at which the history goes on; null: nothing older is known. */
  readonly next: CommitIdentity | null;
}

export type WholeHistory =
  | {
      readonly tag: "history";
      /** Newest first. */
      readonly commits: readonly PastCommit[];
      /** The receipt of the newest one, whole; null if there is none. */
      readonly newest: Receipt | null;
      readonly gaps: readonly HistoryGap[];
      /** The commit below which nothing was read, because there are too many; null: all were. */
      readonly limit: CommitIdentity | null;
    }
  | { readonly tag: "unavailable"; readonly reason: string };

export async function wholeHistory(
  ports: StorePorts,
  from: CommitIdentity,
  commits_max: number = HISTORY_RECEIPTS_MAX,
): Promise<WholeHistory> {
  const commits: PastCommit[] = [];
  let newest: Receipt | null = null;
  const gaps: HistoryGap[] = [];
  let current: CommitIdentity | null = from;
  while (current !== null) {
    const found = await followHistory(ports, current, commits_max - commits.length);
    const { end } = found;
    newest ??= found.newest;
    for (const commit of found.commits) commits.push(commit);
    if (end.tag === "unavailable") return { tag: "unavailable", reason: end.reason };
    if (end.tag === "limit") return { tag: "history", commits, newest, gaps, limit: end.next };
    if (end.tag === "beginning") break;
    const below = await readHighestHead(ports, end.at.revision - 1);
    if (below.tag === "unavailable") return below;
    current = below.tag === "head" ? below.head : null;
    gaps.push({ at: end.at, lost: end.lost, detail: end.detail, next: current });
  }
  return { tag: "history", commits, newest, gaps, limit: null };
}

/** What is lost of a history, for those who read it. */
export function gapDiagnostics(gaps: readonly HistoryGap[]): readonly Diagnostic[] {
  return gaps.map(({ at, detail, next }) => {
    const onwards = next === null ? "nothing older is known" : `it goes on at revision ${next.revision}`;
    const message = `The receipt of revision ${at.revision} cannot be used (${detail}); ${onwards}.`;
    return diagnostic("history_incomplete", { path: STATE_KEY, message });
  });
}
