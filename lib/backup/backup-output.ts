/** What a backup and a restore say of themselves; the JSON that scripts read. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import type { LeaseTableName } from "../ledger/deployment.ts";

export const BACKUP_OUTPUT_FORMAT_VERSION = 1;

export interface BackupOutput {
  readonly ok: boolean;
  readonly format_version: typeof BACKUP_OUTPUT_FORMAT_VERSION;
  readonly operation: "backup";
  readonly root: string;
  readonly to: string;
  /** Null: none was made. */
  readonly backup_id: string | null;
  /** SHA-256 of its record, which `restore-cluster --digest` pins. */
  readonly digest: Digest | null;
  /** False: the newest backup is of exactly this, and no other was made. */
  readonly written: boolean;
  readonly revision: number | null;
  readonly objects: number;
  readonly bytes: number;
  readonly objects_written: number;
  readonly bytes_written: number;
  /** Of those that were written: what was in the place and damaged. */
  readonly objects_repaired: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface RestoreClusterOutput {
  readonly ok: boolean;
  readonly format_version: typeof BACKUP_OUTPUT_FORMAT_VERSION;
  readonly operation: "restore-cluster";
  readonly from: string;
  readonly root: string;
  readonly backup_id: string | null;
  readonly digest: Digest | null;
  readonly revision: number | null;
  readonly owner: string;
  readonly lease_table: LeaseTableName;
  readonly objects: number;
  readonly bytes: number;
  readonly objects_written: number;
  readonly bytes_written: number;
  /** Runs that had not ended and go on in the restored cluster, because they were to be kept. */
  readonly open_runs: number;
  /** Ids of runs that had not ended and are canceled in the restored cluster. */
  readonly ended_runs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface DamagedObject {
  /** Its key in the place. */
  readonly object: string;
  readonly found: "damaged" | "missing";
  /** The first of the cluster's objects whose content it is; null: it is a part of the inventory. */
  readonly key: string | null;
}

export interface VerifyBackupOutput {
  readonly ok: boolean;
  readonly format_version: typeof BACKUP_OUTPUT_FORMAT_VERSION;
  readonly operation: "verify-backup";
  readonly from: string;
  /** Null: which backup it is was not found out. */
  readonly backup_id: string | null;
  readonly digest: Digest | null;
  readonly revision: number | null;
  /** Objects of the place that were read; contents that are equal are one. */
  readonly objects: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedObject[];
  readonly diagnostics: readonly Diagnostic[];
}
