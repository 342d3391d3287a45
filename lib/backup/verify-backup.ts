/**
 * VerifyBackup: is every object that a backup refers to still what its name says? Reads all of them, which no listing
 * can tell, and changes nothing.
 */
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes, type Digest } from "../digest/digest.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { DamagedObject, VerifyBackupOutput } from "./backup-output.ts";
import {
  backupKey,
  type ContentCheck,
  checkStored,
  inspectStored,
  notRead,
  objectKey,
} from "./backup-place.ts";
import { type BackupRecord, decodeInventoryPart } from "./backup-record.ts";
import type { CopyProgress } from "./copy-objects.ts";
import { type BackupChoice, chooseBackup } from "./find-backups.ts";
import { COPY_LIMITS, type CopyLimits } from "./limits.ts";
import { type ContentPorts, heldInParts } from "./long-content.ts";
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

export async function verifyBackup(
  place: ContentPorts,
  command: VerifyCommand,
  limits: CopyLimits = COPY_LIMITS,
): Promise<VerifyBackupOutput> {
  const facts = { format_version: 1, operation: "verify-backup", from: command.from } as const;
  const verified: Verified = { objects: 0, bytes: 0, damaged: [] };
  const chosen = await chooseBackup(place, command);
  if (chosen.tag === "stopped") {
    const none = { backup_id: null, digest: null, revision: null };
    return { ok: false, ...facts, ...none, ...verified, diagnostics: chosen.diagnostics };
  }
  const { record, digest } = chosen.value.backup;
  const read = await verifyObjects(place, command, record, verified, limits);
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

/** A content, how long it is, and an object of the cluster whose content it is. */
interface Content {
  readonly digest: Digest;
  readonly bytes: number;
  readonly key: string;
}

async function verifyObjects(
  place: ContentPorts,
  { progress }: VerifyCommand,
  record: BackupRecord,
  verified: Verified,
  limits: CopyLimits,
): Promise<Step<null>> {
  const ledger = { digest: record.ledger.digest, bytes: 0, key: "the ledger" };
  // The inventory names it too, with its length, unless that part of it is damaged.
  const contents = new Map<Digest, Content>([[ledger.digest, ledger]]);
  const named = new Set<string>();
  for (const { digest } of record.inventory) {
    const part = await verifyPart(place, digest, verified);
    if (part.tag === "stopped") return part;
    if (part.value === null) continue;
    const decoded = decodeInventoryPart(part.value);
    if (decoded.tag === "invalid")
      return unusable(objectKey(digest), `It is no inventory: ${decoded.detail}.`);
    for (const entry of decoded.value) {
      contents.set(entry.digest, entry);
      named.add(entry.key);
    }
  }
  if (verified.damaged.length === 0 && named.size !== record.objects) {
    const message = `The inventory names ${named.size} objects and not ${record.objects}, as the backup says.`;
    return unusable(backupKey(record.backup_id), message);
  }
  const of = contents.size;
  let objects = 0;
  const held = {
    bytesOf: ({ bytes }: Content) => heldInParts(bytes, limits),
    bytes_max: limits.held_bytes_max,
  };
  return eachOf([...contents.values()], held, async (content) => {
    const read = await verifyContent(place, content, verified, limits);
    objects += 1;
    progress({ objects, of, bytes_written: 0 });
    return read;
  });
}

function unusable(path: string, message: string) {
  return stopped("backup_unusable", path, message);
}

/** A part of the inventory. Null: it is damaged or missing, and noted. */
async function verifyPart(
  place: StorePorts,
  digest: Digest,
  verified: Verified,
): Promise<Step<Uint8Array | null>> {
  const stored = await inspectStored(place, digest);
  const bytes = stored.tag === "whole" ? stored.bytes : null;
  const noted = note(verified, stored, { digest, bytes: bytes?.length ?? 0, key: null });
  return noted.tag === "stopped" ? noted : done(bytes);
}

async function verifyContent(
  place: ContentPorts,
  content: Content,
  verified: Verified,
  limits: CopyLimits,
): Promise<Step<null>> {
  return note(verified, await checkStored(place, content, limits), content);
}

function note(
  verified: Verified,
  found: ContentCheck,
  { digest, bytes, key }: Omit<Content, "key"> & { readonly key: string | null },
): Step<null> {
  const object = objectKey(digest);
  verified.objects += 1;
  switch (found.tag) {
    case "whole":
      verified.bytes += bytes;
      return done(null);
    case "damaged":
    case "missing":
      verified.damaged.push({ object, found: found.tag, key });
      return done(null);
    case "unavailable":
      return notRead(object, found.reason);
    default:
      return assertNever(found);
  }
}
