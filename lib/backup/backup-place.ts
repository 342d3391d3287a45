/**
 * BackupPlace: where the backups of one cluster lie, a folder or a prefix of a bucket of its own.
 *
 * ```
 * objects/<first two digits>/<digest>   the objects of all backups, each content once
 * backups/<id>.json                     one backup; the newest sorts last
 * ```
 *
 * Guarantees: everything is put if absent and nothing is ever replaced or removed, so that a backup that breaks off
 * harms none before it, and a place whose objects cannot be changed (WORM) is enough. What is read is held to its
 * digest.
 */
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import {
  type BackupRecord,
  decodeBackupRecord,
  decodeInventoryPart,
  encodeInventoryPart,
  type InventoryEntry,
  type InventoryPart,
} from "./backup-record.ts";
import { PART_OBJECTS_MAX } from "./limits.ts";
import { listKeys } from "./list-keys.ts";
import { done, type Step, stopped } from "./step.ts";

const BACKUPS_PREFIX = "backups/";
const OBJECTS_PREFIX = "objects/";

export function backupKey(backupId: string): StoreKey {
  return storeKey(`${BACKUPS_PREFIX}${backupId}.json`);
}

export function objectKey(digest: Digest): StoreKey {
  return storeKey(`${OBJECTS_PREFIX}${digest.slice(0, 2)}/${digest}`);
}

/** A record, and the digest of its bytes. */
export interface StoredBackup {
  readonly record: BackupRecord;
  readonly digest: Digest;
}

/** The digests of all objects that are there. */
export async function storedDigests(ports: StorePorts): Promise<Step<Set<string>>> {
  const listed = await listKeys(ports, OBJECTS_PREFIX);
  if (listed.tag === "stopped") return listed;
  return done(new Set(listed.value.map((key) => key.slice(key.lastIndexOf("/") + 1))));
}

/** Ids of all backups, oldest first. */
export async function listBackups(ports: StorePorts): Promise<Step<readonly string[]>> {
  const listed = await listKeys(ports, BACKUPS_PREFIX, { shallow: true });
  if (listed.tag === "stopped") return listed;
  const ids = listed.value.flatMap((key) => /^backups\/([0-9A-Z]{26})\.json$/.exec(key)?.[1] ?? []);
  return done(ids);
}

export async function readBackup(ports: StorePorts, backupId: string): Promise<Step<StoredBackup>> {
  const key = backupKey(backupId);
  const found = await readObjectRetrying(ports, key);
  if (found.tag === "unavailable") return notRead(key, found.reason);
  if (found.tag === "absent") return stopped("backup_unusable", key, `There is no backup ${backupId}.`);
  const decoded = decodeBackupRecord(found.bytes);
  if (decoded.tag === "read") return done({ record: decoded.value, digest: sha256(found.bytes) });
  return stopped("backup_unusable", key, `${key} is no backup that this version knows: ${decoded.detail}.`);
}

/** The newest backup; null if there is none. */
export async function newestBackup(ports: StorePorts): Promise<Step<StoredBackup | null>> {
  const ids = await listBackups(ports);
  if (ids.tag === "stopped") return ids;
  const newest = ids.value.at(-1);
  return newest === undefined ? done(null) : readBackup(ports, newest);
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

/** The content with the digest. */
export async function readStored(ports: StorePorts, digest: Digest): Promise<Step<Uint8Array>> {
  const key = objectKey(digest);
  const found = await readObjectRetrying(ports, key);
  if (found.tag === "unavailable") return notRead(key, found.reason);
  if (found.tag === "absent") return stopped("backup_unusable", key, `${key} is not there.`);
  if (sha256(found.bytes) === digest) return done(found.bytes);
  return stopped("backup_unusable", key, `${key} is damaged: its content has another digest.`);
}

/** Puts a content, reads it back, and answers its digest. */
export async function putStored(ports: StorePorts, bytes: Uint8Array): Promise<Step<Digest>> {
  const digest = sha256(bytes);
  const put = await putChecked(ports, objectKey(digest), bytes);
  return put.tag === "done" ? done(digest) : put;
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
    parts.push({ digest: put.value, objects: some.length });
  }
  return done(parts);
}

export function notRead(path: string, reason: string) {
  return stopped("backup_store_error", path, `${path} could not be read: ${reason}.`);
}
