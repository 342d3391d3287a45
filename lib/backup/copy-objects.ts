/**
 * CopyObjects: the content of every scanned key, put into a place for backups. What lies there already, with the size
 * that it should have, is not put again, and what an earlier copy took under a name that is never used again is not even
 * read. A copy that verifies trusts no size: it reads what it would not put again. A file with rows that is too long to
 * hold is read twice: for its digest, which is its name in the place, and to be written there.
 */
import { sha256 } from "../digest/digest.ts";
import type { RowFiles } from "../engine/row-files.ts";
import { readObjectRetrying } from "../ledger/retry.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { checkStored, notRead, objectKey, putStored, putStoredLong, type StoredPut } from "./backup-place.ts";
import type { InventoryEntry } from "./backup-record.ts";
import { isRowFile, OPEN_RUNS_PREFIX } from "./cluster-keys.ts";
import type { CopyLimits } from "./limits.ts";
import { type ContentPorts, heldInParts, readLong } from "./long-content.ts";
import { heldOf, moves } from "./moved-content.ts";
import type { ScannedObject } from "./scan-cluster.ts";
import { done, eachOf, type Step } from "./step.ts";

/** What is in the place, kept up to date by whoever puts. */
export interface Shelf {
  readonly ports: ContentPorts;
  readonly rows: RowFiles;
  readonly limits: CopyLimits;
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
  source: ContentPorts,
  shelf: Shelf,
  scanned: readonly ScannedObject[],
): Promise<Step<Copied>> {
  const { rows, limits } = shelf;
  const entries: InventoryEntry[] = [];
  let gone: StoreKey | null = null;
  let objects = 0;
  const copied = await eachOf(scanned, heldOf(rows, limits), async (object) => {
    if (gone !== null) return done(null);
    const entry = await copyObject(source, shelf, object);
    if (entry.tag === "stopped") return entry;
    if (entry.value !== null) entries.push(entry.value);
    // The mark of a run goes when the run has ended.
    else if (!object.key.startsWith(OPEN_RUNS_PREFIX)) gone = object.key;
    objects += 1;
    shelf.progress({ objects, of: scanned.length, bytes_written: shelf.counts.bytes_written });
    return done(null);
  });
  if (copied.tag === "stopped") return copied;
  return done(gone === null ? { tag: "copied", entries } : { tag: "gone", key: gone });
}

async function copyObject(
  source: ContentPorts,
  shelf: Shelf,
  object: ScannedObject,
): Promise<Step<InventoryEntry | null>> {
  const { key } = object;
  const known = isRowFile(key) ? shelf.known.get(key) : undefined;
  if (known !== undefined) {
    const there = await isThere(shelf, known);
    if (there.tag === "stopped") return there;
    if (there.value) return done(known);
  }
  const entry = await copyContent(source, shelf, object);
  if (entry.tag === "stopped" || entry.value === null) return entry;
  if (known !== undefined && entry.value.digest !== known.digest) shelf.lost.add(objectKey(known.digest));
  return entry;
}

/** Null: it is not there any more. */
async function copyContent(
  source: ContentPorts,
  shelf: Shelf,
  object: ScannedObject,
): Promise<Step<InventoryEntry | null>> {
  const { key } = object;
  const way = moves(shelf.rows, shelf.limits, object);
  if (way.tag === "stopped") return way;
  if (way.value === "in parts") return copyInParts(source, shelf, object);
  const found = await readObjectRetrying(source, key);
  if (found.tag === "unavailable") return notRead(key, found.reason);
  return found.tag === "absent" ? done(null) : shelve(shelf, key, found.bytes);
}

async function copyInParts(
  source: ContentPorts,
  shelf: Shelf,
  { key, bytes }: ScannedObject,
): Promise<Step<InventoryEntry | null>> {
  const { limits } = shelf;
  const read = await readLong(source, key, heldInParts(bytes, limits));
  if (read.tag === "absent") return done(null);
  if (read.tag !== "read") return notRead(key, read.reason);
  const entry = { key, digest: read.digest, bytes: read.bytes };
  return keepOn(shelf, entry, () => putStoredLong(shelf.ports, { ports: source, key }, entry, limits));
}

async function isThere(
  { ports, stored, verified, limits }: Shelf,
  entry: Pick<InventoryEntry, "digest" | "bytes">,
): Promise<Step<boolean>> {
  const { digest, bytes } = entry;
  if (stored.get(digest) !== bytes) return done(false);
  if (verified === null || verified.has(digest)) return done(true);
  const content = await checkStored(ports, entry, limits);
  if (content.tag === "unavailable") return notRead(objectKey(digest), content.reason);
  if (content.tag === "whole") verified.add(digest);
  return done(content.tag === "whole");
}

/** Puts one content and answers its entry. */
export function shelve(shelf: Shelf, key: StoreKey, content: Uint8Array): Promise<Step<InventoryEntry>> {
  const entry = { key, digest: sha256(content), bytes: content.length };
  return keepOn(shelf, entry, () => putStored(shelf.ports, content));
}

/** Puts it unless it is there, and notes what is. */
async function keepOn<Put extends StoredPut | null>(
  shelf: Shelf,
  entry: InventoryEntry,
  putIt: () => Promise<Step<Put>>,
): Promise<Step<InventoryEntry | Exclude<Put, StoredPut>>> {
  const { key, digest, bytes } = entry;
  const there = await isThere(shelf, entry);
  if (there.tag === "stopped") return there;
  if (!there.value) {
    const put = await putIt();
    if (put.tag === "stopped") return put;
    if (put.value === null) return done(null as Exclude<Put, StoredPut>);
    if (put.value.repaired) shelf.repaired.add(objectKey(digest));
    shelf.stored.set(digest, bytes);
    shelf.verified?.add(digest);
    shelf.counts.objects_written += 1;
    shelf.counts.bytes_written += bytes;
  }
  shelf.known.set(key, entry);
  return done(entry);
}
