/**
 * CopyObjects: the content of every scanned key, put into a place for backups. What lies there already is not put again,
 * and what an earlier copy took under a name that is never used again is not even read.
 */
import { sha256 } from "../digest/digest.ts";
import { readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { notRead, putStored } from "./backup-place.ts";
import type { InventoryEntry } from "./backup-record.ts";
import { isRowFile, OPEN_RUNS_PREFIX } from "./cluster-keys.ts";
import { done, eachOf, type Step } from "./step.ts";

/** What is in the place, kept up to date by whoever puts. */
export interface Shelf {
  readonly ports: StorePorts;
  readonly digests: Set<string>;
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
  if (known !== undefined && shelf.digests.has(known.digest)) return done(known);
  const found = await readObjectRetrying(source, key);
  if (found.tag === "unavailable") return notRead(key, found.reason);
  if (found.tag === "absent") return done(null);
  return shelve(shelf, key, found.bytes);
}

/** Puts one content and answers its entry. */
export async function shelve(
  shelf: Shelf,
  key: StoreKey,
  content: Uint8Array,
): Promise<Step<InventoryEntry>> {
  const digest = sha256(content);
  if (!shelf.digests.has(digest)) {
    const put = await putStored(shelf.ports, content);
    if (put.tag === "stopped") return put;
    shelf.digests.add(digest);
    shelf.counts.objects_written += 1;
    shelf.counts.bytes_written += content.length;
  }
  const entry = { key, digest, bytes: content.length };
  shelf.known.set(key, entry);
  return done(entry);
}
