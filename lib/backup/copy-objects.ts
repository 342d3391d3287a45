/**
 * CopyObjects: the content of every scanned key, put into a place for backups. What lies there already, with the size
 * that it should have, is not put again, and what an earlier copy took under a name that is never used again is not even
 * read. A copy that verifies trusts no size: it reads what it would not put again.
 */
import { sha256 } from "../digest/digest.ts";
import { readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { inspectStored, notRead, objectKey, putStored } from "./backup-place.ts";
import type { InventoryEntry } from "./backup-record.ts";
import { isRowFile, OPEN_RUNS_PREFIX } from "./cluster-keys.ts";
import { done, eachOf, type Step } from "./step.ts";

/** What is in the place, kept up to date by whoever puts. */
export interface Shelf {
  readonly ports: StorePorts;
  /** Bytes of the objects that are there, by digest. */
  readonly stored: Map<string, number>;
  /** Digests of objects that were read and are whole; null: sizes are enough. */
  readonly verified: Set<string> | null;
  /** Keys of objects in the place that were damaged and are whole again. */
  readonly repaired: Set<string>;
  /** Keys of objects in the place that are damaged or missing, and whose content the root does not have any more. */
  readonly lost: Set<string>;
  /** Entries of earlier copies by their key. */
  readonly known: Map<string, InventoryEntry>;
  readonly counts: CopyCounts;
  readonly progress: (progress: CopyProgress) => void;
}

export interface CopyCounts {
  objects_written: number;
  bytes_written: number;
}

export interface CopyProgress {
  readonly objects: number;
  readonly of: number;
  readonly bytes_written: number;
}

export type Copied =
  | { readonly tag: "copied"; readonly entries: readonly InventoryEntry[] }
  /** It was listed and is not there any more. */
  | { readonly tag: "gone"; readonly key: StoreKey };

export async function copyObjects(
  source: StorePorts,
  shelf: Shelf,
  keys: readonly StoreKey[],
): Promise<Step<Copied>> {
  const entries: InventoryEntry[] = [];
  let gone: StoreKey | null = null;
  let objects = 0;
  const copied = await eachOf(keys, async (key) => {
    if (gone !== null) return done(null);
    const entry = await copyObject(source, shelf, key);
    if (entry.tag === "stopped") return entry;
    if (entry.value !== null) entries.push(entry.value);
    // The mark of a run goes when the run has ended.
    else if (!key.startsWith(OPEN_RUNS_PREFIX)) gone = key;
    objects += 1;
    shelf.progress({ objects, of: keys.length, bytes_written: shelf.counts.bytes_written });
    return done(null);
  });
  if (copied.tag === "stopped") return copied;
  return done(gone === null ? { tag: "copied", entries } : { tag: "gone", key: gone });
}

async function copyObject(
  source: StorePorts,
  shelf: Shelf,
  key: StoreKey,
): Promise<Step<InventoryEntry | null>> {
  const known = isRowFile(key) ? shelf.known.get(key) : undefined;
  if (known !== undefined) {
    const there = await isThere(shelf, known);
    if (there.tag === "stopped") return there;
    if (there.value) return done(known);
  }
  const found = await readObjectRetrying(source, key);
  if (found.tag === "unavailable") return notRead(key, found.reason);
  if (found.tag === "absent") return done(null);
  const entry = await shelve(shelf, key, found.bytes);
  if (entry.tag === "done" && known !== undefined && entry.value.digest !== known.digest) {
    shelf.lost.add(objectKey(known.digest));
  }
  return entry;
}

async function isThere(
  { ports, stored, verified }: Shelf,
  { digest, bytes }: Pick<InventoryEntry, "digest" | "bytes">,
): Promise<Step<boolean>> {
  if (stored.get(digest) !== bytes) return done(false);
  if (verified === null || verified.has(digest)) return done(true);
  const content = await inspectStored(ports, digest);
  if (content.tag === "unavailable") return notRead(objectKey(digest), content.reason);
  if (content.tag === "whole") verified.add(digest);
  return done(content.tag === "whole");
}

/** Puts one content and answers its entry. */
export async function shelve(
  shelf: Shelf,
  key: StoreKey,
  content: Uint8Array,
): Promise<Step<InventoryEntry>> {
  const digest = sha256(content);
  const there = await isThere(shelf, { digest, bytes: content.length });
  if (there.tag === "stopped") return there;
  if (!there.value) {
    const put = await putStored(shelf.ports, content);
    if (put.tag === "stopped") return put;
    if (put.value.repaired) shelf.repaired.add(objectKey(digest));
    shelf.stored.set(digest, content.length);
    shelf.verified?.add(digest);
    shelf.counts.objects_written += 1;
    shelf.counts.bytes_written += content.length;
  }
  const entry = { key, digest, bytes: content.length };
  shelf.known.set(key, entry);
  return done(entry);
}
