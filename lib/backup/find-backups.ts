/**
 * FindBackups: the backups of a place, and which of them is the newest.
 *
 * Ids and dates are clocks of the machines that took the backups, and a key is a name that anybody who may write there
 * may give. So the newest is the one of the highest revision of the ledger, then of the latest date, then of the last id,
 * and a record counts only under its own name.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes, type Digest, sha256 } from "../digest/digest.ts";
import { readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { BACKUPS_PREFIX, backupKey, notRead } from "./backup-place.ts";
import { type BackupRecord, decodeBackupRecord } from "./backup-record.ts";
import { COPY_LIMITS, RECORD_BYTES_MAX } from "./limits.ts";
import { listKeys } from "./list-keys.ts";
import { done, eachOf, type Step, stopped } from "./step.ts";

/** A record, and the digest of its bytes. */
export interface StoredBackup {
  readonly record: BackupRecord;
  readonly digest: Digest;
}

type RecordReading =
  | ({ readonly tag: "backup" } & StoredBackup)
  | { readonly tag: "absent" }
  /** It says of itself that it is another one. */
  | { readonly tag: "misplaced"; readonly detail: string }
  | { readonly tag: "unreadable"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

async function readRecord(ports: StorePorts, backupId: string): Promise<RecordReading> {
  const key = backupKey(backupId);
  const found = await readObjectRetrying(ports, key);
  if (found.tag !== "found") return found;
  const decoded = decodeBackupRecord(found.bytes);
  if (decoded.tag === "invalid") {
    return { tag: "unreadable", detail: `${key} is no backup that this version knows: ${decoded.detail}.` };
  }
  const { backup_id } = decoded.value;
  if (backup_id === backupId) return { tag: "backup", record: decoded.value, digest: sha256(found.bytes) };
  return { tag: "misplaced", detail: `${key} is a copy of the record of backup ${backup_id}.` };
}

/** The backup that was named. */
export async function readBackup(ports: StorePorts, backupId: string): Promise<Step<StoredBackup>> {
  const key = backupKey(backupId);
  const read = await readRecord(ports, backupId);
  switch (read.tag) {
    case "backup":
      return done(read);
    case "absent":
      return stopped("backup_not_found", key, `There is no backup ${backupId}.`);
    case "misplaced":
    case "unreadable":
      return stopped("backup_unusable", key, read.detail);
    case "unavailable":
      return notRead(key, read.reason);
    default:
      return assertNever(read);
  }
}

export interface FoundBackups {
  /** Newest first. */
  readonly backups: readonly StoredBackup[];
  /** Keys of records that cannot be read; of what revision they are is not known. */
  readonly unreadable: readonly string[];
  /** Warnings: one of each record that is not taken for a backup. */
  readonly refused: readonly Diagnostic[];
}

export async function findBackups(ports: StorePorts): Promise<Step<FoundBackups>> {
  const listed = await listKeys(ports, BACKUPS_PREFIX, { shallow: true });
  if (listed.tag === "stopped") return listed;
  const ids = listed.value.flatMap((key) => /^backups\/([0-9A-Z]{26})\.json$/.exec(key)?.[1] ?? []);
  const backups: StoredBackup[] = [];
  const unreadable: string[] = [];
  const refused: Diagnostic[] = [];
  const held = { bytesOf: () => RECORD_BYTES_MAX, bytes_max: COPY_LIMITS.held_bytes_max };
  const read = await eachOf(ids, held, async (id) => {
    const key = backupKey(id);
    const reading = await readRecord(ports, id);
    if (reading.tag === "unavailable") return notRead(key, reading.reason);
    if (reading.tag === "backup") backups.push({ record: reading.record, digest: reading.digest });
    if (reading.tag === "unreadable") unreadable.push(key);
    if (reading.tag === "unreadable" || reading.tag === "misplaced") {
      refused.push(diagnostic("backup_record_refused", { path: key, message: reading.detail }));
    }
    return done(null);
  });
  if (read.tag === "stopped") return read;
  return done({
    backups: backups.sort((a, b) => compareAge(b.record, a.record)),
    unreadable: unreadable.sort(compareBytes),
    refused: refused.sort((a, b) => compareBytes(a.path, b.path)),
  });
}

/** Negative: `a` is older. */
function compareAge(a: BackupRecord, b: BackupRecord): number {
  const revisions = a.ledger.revision - b.ledger.revision;
  if (revisions !== 0) return revisions;
  const dates = Date.parse(a.at) - Date.parse(b.at);
  return dates !== 0 ? dates : compareBytes(a.backup_id, b.backup_id);
}

export interface BackupChoice {
  /** Null: the newest. */
  readonly backup_id: string | null;
  /** SHA-256 of the record; null for whichever it has. */
  readonly digest: string | null;
}

export interface ChosenBackup {
  readonly backup: StoredBackup;
  readonly diagnostics: readonly Diagnostic[];
}

/** The one backup that is meant; without an id and a digest none as long as a record cannot be read. */
export async function chooseBackup(
  ports: StorePorts,
  { backup_id, digest }: BackupChoice,
): Promise<Step<ChosenBackup>> {
  if (backup_id !== null) {
    const named = await readBackup(ports, backup_id);
    if (named.tag === "stopped") return named;
    if (digest === null || named.value.digest === digest)
      return done({ backup: named.value, diagnostics: [] });
    const message = `The record of backup ${backup_id} has the digest ${named.value.digest} and not ${digest}.`;
    return stopped("backup_unusable", "--digest", message);
  }
  const found = await findBackups(ports);
  if (found.tag === "stopped") return found;
  const { backups, unreadable, refused: diagnostics } = found.value;
  if (digest !== null) {
    const pinned = backups.find((each) => each.digest === digest);
    if (pinned !== undefined) return done({ backup: pinned, diagnostics });
    return stopped("backup_not_found", "--digest", `No backup there has a record with the digest ${digest}.`);
  }
  if (unreadable.length > 0) {
    const message = `${unreadable[0]} cannot be read, so that the newest is not known: name one with --backup.`;
    return stopped("backup_unusable", "--from", message);
  }
  const newest = backups[0];
  if (newest !== undefined) return done({ backup: newest, diagnostics });
  return stopped("backup_not_found", "--from", "There is no backup there.");
}
