/**
 * VerifyBackup: is every object that a backup refers to still what its name says? Reads all of them, which no listing
 * can tell, and changes nothing.
 */
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes, type Digest } from "../digest/digest.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { DamagedObject, VerifyBackupOutput } from "./backup-output.ts";
import { backupKey, inspectStored, notRead, objectKey } from "./backup-place.ts";
import { type BackupRecord, decodeInventoryPart } from "./backup-record.ts";
import type { CopyProgress } from "./copy-objects.ts";
import { type BackupChoice, chooseBackup } from "./find-backups.ts";
import { done, eachOf, type Step, stopped } from "./step.ts";

export interface VerifyCommand extends BackupChoice {
  /** The place, as people write it. */
  readonly from: string;
  readonly progress: (progress: CopyProgress) => void;
}

interface Verified {
  objects: number;
  bytes: number;
  readonly damaged: DamagedObject[];
}

export async function verifyBackup(place: StorePorts, command: VerifyCommand): Promise<VerifyBackupOutput> {
  const facts = { format_version: 1, operation: "verify-backup", from: command.from } as const;
  const verified: Verified = { objects: 0, bytes: 0, damaged: [] };
  const chosen = await chooseBackup(place, command);
  if (chosen.tag === "stopped") {
    const none = { backup_id: null, digest: null, revision: null };
    return { ok: false, ...facts, ...none, ...verified, diagnostics: chosen.diagnostics };
  }
  const { record, digest } = chosen.value.backup;
  const read = await verifyObjects(place, command, record, verified);
  const damaged = verified.damaged.sort((a, b) => compareBytes(a.object, b.object));
  const diagnostics = [
    ...chosen.value.diagnostics,
    ...damaged.map(describe),
    ...(read.tag === "stopped" ? read.diagnostics : []),
  ];
  const told = { backup_id: record.backup_id, digest, revision: record.ledger.revision };
  const ok = read.tag === "done" && damaged.length === 0;
  return { ok, ...facts, ...told, ...verified, damaged, diagnostics };
}

function describe({ object, found, key }: DamagedObject) {
  const what = key === null ? "a part of the inventory" : `the content of ${key}`;
  const message = `${object} is ${found}; it is ${what}.`;
  return diagnostic("backup_object_damaged", { path: object, message });
}

async function verifyObjects(
  place: StorePorts,
  { progress }: VerifyCommand,
  record: BackupRecord,
  verified: Verified,
): Promise<Step<null>> {
  const keys = new Map<Digest, string>([[record.ledger.digest, "the ledger"]]);
  const named = new Set<string>();
  for (const { digest } of record.inventory) {
    const part = await verifyObject(place, digest, null, verified);
    if (part.tag === "stopped") return part;
    if (part.value === null) continue;
    const decoded = decodeInventoryPart(part.value);
    if (decoded.tag === "invalid")
      return unusable(objectKey(digest), `It is no inventory: ${decoded.detail}.`);
    for (const entry of decoded.value) {
      keys.set(entry.digest, entry.key);
      named.add(entry.key);
    }
  }
  if (verified.damaged.length === 0 && named.size !== record.objects) {
    const message = `The inventory names ${named.size} objects and not ${record.objects}, as the backup says.`;
    return unusable(backupKey(record.backup_id), message);
  }
  const of = keys.size;
  let objects = 0;
  return eachOf([...keys], async ([digest, key]) => {
    const read = await verifyObject(place, digest, key, verified);
    objects += 1;
    progress({ objects, of, bytes_written: 0 });
    return read;
  });
}

function unusable(path: string, message: string) {
  return stopped("backup_unusable", path, message);
}

/** Null: it is damaged or missing, and noted. */
async function verifyObject(
  place: StorePorts,
  digest: Digest,
  key: string | null,
  verified: Verified,
): Promise<Step<Uint8Array | null>> {
  const object = objectKey(digest);
  const stored = await inspectStored(place, digest);
  verified.objects += 1;
  switch (stored.tag) {
    case "whole":
      verified.bytes += stored.bytes.length;
      return done(stored.bytes);
    case "damaged":
    case "missing":
      verified.damaged.push({ object, found: stored.tag, key });
      return done(null);
    case "unavailable":
      return notRead(object, stored.reason);
    default:
      return assertNever(stored);
  }
}
