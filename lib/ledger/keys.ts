/**
 * The keys of the objects around the ledger (design 3). Revisions have 20 digits, so that the order of keys is the
 * order of revisions.
 */
import type { CommitId, LockId } from "../digest/ids.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

const REVISION_DIGITS = 20;

export const RECEIPTS_PREFIX = "__graphform/receipts/";
export const HEADS_PREFIX = "__graphform/heads/";
export const LOCK_FILE_KEY = storeKey("__cluster/lock.json");
export const DEPLOYMENT_KEY = storeKey("__graphform/deployment.json");
export const RULES_KEY = storeKey("__graphform/rules.json");

function digits(revision: number): string {
  return String(revision).padStart(REVISION_DIGITS, "0");
}

/** The receipt of one attempt to commit. */
export function receiptKey(revision: number, commitId: CommitId): StoreKey {
  return storeKey(`${RECEIPTS_PREFIX}${digits(revision)}-${commitId}.json`);
}

/** A text before the keys of all receipts above `revision`, and behind those of all at or below it. */
export function receiptStretch(revision: number): string {
  return `${RECEIPTS_PREFIX}${digits(Math.max(0, revision))}~`;
}

/** The head of one revision: which attempt won it. */
export function headKey(revision: number): StoreKey {
  return storeKey(`${HEADS_PREFIX}${digits(revision)}.json`);
}

/** The revision in the key of a head, or null if the key is none. */
export function headRevision(key: string): number | null {
  const match = /^__graphform\/heads\/([0-9]{20})\.json$/.exec(key);
  return match === null ? null : Number(match[1]);
}

/** The record of one holding of the lease; never removed (design 4.2). */
export function lockRecordKey(lockId: LockId): StoreKey {
  return storeKey(`__graphform/locks/${lockId}.json`);
}

/** The record of one intent that a person discarded. */
export function discardRecordKey(discardId: string): StoreKey {
  return storeKey(`__graphform/discards/${discardId}.json`);
}

/** The record of one forced unlock. */
export function unlockRecordKey(unlockId: string): StoreKey {
  return storeKey(`__graphform/unlocks/${unlockId}.json`);
}
