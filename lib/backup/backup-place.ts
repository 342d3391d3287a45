/**
 * BackupPlace: where the backups of one cluster lie, a folder or a prefix of a bucket of its own.
 *
 * ```
 * objects/<first two digits>/<digest>   the objects of all backups, each content once
 * backups/<id>.json                     one backup
 * ```
 *
 * Guarantees: everything is put if absent and nothing is removed, so that a backup that breaks off harms none before it,
 * and a place whose objects cannot be changed (WORM) is enough. The one thing that is replaced, on its version, is an
 * object whose content is not the one of its name. What is read is held to its digest.
 */
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import { moveOnce, putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import {
  type BackupRecord,
  decodeInventoryPart,
  encodeInventoryPart,
  type InventoryEntry,
  type InventoryPart,
} from "./backup-record.ts";
import { type CopyLimits, PART_OBJECTS_MAX } from "./limits.ts";
import { listSizes } from "./list-keys.ts";
import {
  type ContentPorts,
  copyLong,
  heldInParts,
  isLong,
  type LongObject,
  readLong,
} from "./long-content.ts";
import { done, type Step, stopped } from "./step.ts";

export const BACKUPS_PREFIX = "backups/";
const OBJECTS_PREFIX = "objects/";

export function backupKey(backupId: string): StoreKey {
  return storeKey(`${BACKUPS_PREFIX}${backupId}.json`);
}

export function objectKey(digest: Digest): StoreKey {
  return storeKey(`${OBJECTS_PREFIX}${digest.slice(0, 2)}/${digest}`);
}

/** The bytes of all objects that are there, by the digest that is their name. */
export async function storedSizes(ports: StorePorts): Promise<Step<Map<string, number>>> {
  const listed = await listSizes(ports, OBJECTS_PREFIX);
  if (listed.tag === "stopped") return listed;
  const named = [...listed.value].map(([key, size]) => [key.slice(key.lastIndexOf("/") + 1), size] as const);
  return done(new Map(named));
}

/** Every object of a backup by its key. */
export async function readInventory(
  ports: StorePorts,
  { inventory, objects }: BackupRecord,
): Promise<Step<ReadonlyMap<string, InventoryEntry>>> {
  const entries = new Map<string, InventoryEntry>();
  for (const { digest } of inventory) {
    const part = await readStored(ports, digest);
    if (part.tag === "stopped") return part;
    const decoded = decodeInventoryPart(part.value);
    if (decoded.tag === "invalid") {
      const message = `A part of the inventory is damaged: ${decoded.detail}.`;
      return stopped("backup_unusable", objectKey(digest), message);
    }
    for (const entry of decoded.value) entries.set(entry.key, entry);
  }
  if (entries.size === objects) return done(entries);
  const message = `The inventory names ${entries.size} objects and not ${objects}, as the backup says.`;
  return stopped("backup_unusable", BACKUPS_PREFIX, message);
}

/** What lies under the name of a content. */
export type StoredContent =
  | { readonly tag: "whole"; readonly bytes: Uint8Array }
  | { readonly tag: "damaged" }
  | { readonly tag: "missing" }
  | { readonly tag: "unavailable"; readonly reason: string };

export async function inspectStored(ports: StorePorts, digest: Digest): Promise<StoredContent> {
  const found = await readObjectRetrying(ports, objectKey(digest));
  switch (found.tag) {
    case "found":
      return sha256(found.bytes) === digest ? { tag: "whole", bytes: found.bytes } : { tag: "damaged" };
    case "absent":
      return { tag: "missing" };
    case "unavailable":
      return found;
    default:
      return assertNever(found);
  }
}

export type ContentCheck =
  | { readonly tag: "whole" }
  | { readonly tag: "damaged" }
  | { readonly tag: "missing" }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The same without the content, of which no more than a part is held. */
export async function checkStored(
  ports: ContentPorts,
  { digest, bytes }: Pick<InventoryEntry, "digest" | "bytes">,
  limits: CopyLimits,
): Promise<ContentCheck> {
  if (!isLong(bytes, limits)) return inspectStored(ports, digest);
  const read = await readLong(ports, objectKey(digest), heldInParts(bytes, limits));
  switch (read.tag) {
    case "read":
      return { tag: read.digest === digest ? "whole" : "damaged" };
    case "absent":
      return { tag: "missing" };
    case "refused":
    case "unavailable":
      return { tag: "unavailable", reason: read.reason };
    default:
      return assertNever(read);
  }
}

/** The content with the digest. */
export async function readStored(ports: StorePorts, digest: Digest): Promise<Step<Uint8Array>> {
  const key = objectKey(digest);
  const stored = await inspectStored(ports, digest);
  switch (stored.tag) {
    case "whole":
      return done(stored.bytes);
    case "damaged":
      return stopped("backup_unusable", key, `${key} is damaged: its content has another digest.`);
    case "missing":
      return stopped("backup_unusable", key, `${key} is not there.`);
    case "unavailable":
      return notRead(key, stored.reason);
    default:
      return assertNever(stored);
  }
}

export interface StoredPut {
  readonly digest: Digest;
  /** Another content lay under its name. */
  readonly repaired: boolean;
}

/** Puts a content, in the place of one that is damaged too, and reads it back. */
export async function putStored(ports: StorePorts, bytes: Uint8Array): Promise<Step<StoredPut>> {
  const digest = sha256(bytes);
  const key = objectKey(digest);
  const put = await putOnce(ports, key, bytes);
  switch (put.tag) {
    case "present":
      break;
    case "other": {
      const isOurs = (content: Uint8Array) => sha256(content) === digest;
      const moved = await moveOnce(ports, { key, from: put.version, bytes, isOurs });
      if (moved.tag === "moved") break;
      const reason = moved.tag === "unknown" ? moved.reason : "it was changed meanwhile";
      const message = `${key} is damaged, and the place does not let it be replaced: ${reason}.`;
      return stopped("backup_object_damaged", key, message);
    }
    case "unavailable":
    case "ambiguous":
      return stopped("backup_store_error", key, `${key} could not be written: ${put.reason}.`);
    default:
      return assertNever(put);
  }
  const there = await readBack(ports, key, bytes);
  return there.tag === "stopped" ? there : done({ digest, repaired: put.tag === "other" });
}

/** The same for a content that is too long to hold, from where it lies. Null: it lies there no more. */
export async function putStoredLong(
  ports: ContentPorts,
  from: LongObject,
  { digest, bytes }: Pick<InventoryEntry, "digest" | "bytes">,
  limits: CopyLimits,
): Promise<Step<StoredPut | null>> {
  const key = objectKey(digest);
  const copied = await copyLong({ from, to: { ports, key }, digest, bytes, replaces: true }, limits);
  switch (copied.tag) {
    case "present":
      return done({ digest, repaired: copied.repaired });
    case "gone":
      return done(null);
    case "not_read":
      return notRead(from.key, copied.reason);
    case "not_written":
      return stopped("backup_store_error", key, `${key} could not be written: ${copied.reason}.`);
    case "other":
      return stopped("backup_object_damaged", key, `${key} is damaged.`);
    default:
      return assertNever(copied);
  }
}

/** Puts an object that is never changed, and makes sure that it is there as it was sent. */
export async function putChecked(ports: StorePorts, key: StoreKey, bytes: Uint8Array): Promise<Step<null>> {
  const put = await putOnce(ports, key, bytes);
  switch (put.tag) {
    case "present":
      break;
    case "other":
      return stopped("backup_store_error", key, `${key} is there already with another content.`);
    case "unavailable":
    case "ambiguous":
      return stopped("backup_store_error", key, `${key} could not be written: ${put.reason}.`);
    default:
      return assertNever(put);
  }
  return readBack(ports, key, bytes);
}

async function readBack(ports: StorePorts, key: StoreKey, bytes: Uint8Array): Promise<Step<null>> {
  const found = await readObjectRetrying(ports, key);
  if (found.tag === "found" && Buffer.compare(found.bytes, bytes) === 0) return done(null);
  const reason = found.tag === "unavailable" ? found.reason : "what was written is not what is there";
  return stopped("backup_store_error", key, `${key} could not be read back: ${reason}.`);
}

/** Puts the parts of an inventory. */
export async function putInventory(
  ports: StorePorts,
  entries: readonly InventoryEntry[],
): Promise<Step<readonly InventoryPart[]>> {
  const parts: InventoryPart[] = [];
  for (let start = 0; start < entries.length; start += PART_OBJECTS_MAX) {
    const some = entries.slice(start, start + PART_OBJECTS_MAX);
    const put = await putStored(ports, encodeInventoryPart(some));
    if (put.tag === "stopped") return put;
    parts.push({ digest: put.value.digest, objects: some.length });
  }
  return done(parts);
}

export function notRead(path: string, reason: string) {
  return stopped("backup_store_error", path, `${path} could not be read: ${reason}.`);
}
