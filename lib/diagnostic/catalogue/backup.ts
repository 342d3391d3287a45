/** Diagnostic codes of backups of a whole cluster and of restoring one. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const BACKUP_CODES = {
  backup_source_unfit: {
    severity: "error",
    summary: "There is no cluster to back up",
    why: "A backup is of a ledger and of what it names.",
    fix: "Check --root: it is the storage root that `graphform status` shows. If its ledger is lost, run `graphform import` first.",
  },
  backup_source_busy: {
    severity: "error",
    summary: "The cluster did not come to rest",
    why: "A copy that is taken while an apply is at work may hold graphs that its ledger does not know.",
    fix: "Run the command again; what was copied is not copied again. `graphform status` shows who is at work; if a run died, the next refresh or apply settles what it left.",
  },
  backup_place_unfit: {
    severity: "error",
    summary: "The place holds something else",
    why: "Backups of one place are of one history, so that the newest of them is the newest of the cluster.",
    fix: "Give another folder or prefix as --to, one for each cluster.",
  },
  backup_store_error: {
    severity: "error",
    summary: "The storage did not answer, or not as it should",
    why: "What is not known to be copied is not in the backup.",
    fix: "Check credentials and permissions (list and get where is read, list, get and put where is written), then run the command again: it goes on where it stopped.",
  },
  backup_object_too_long: {
    severity: "error",
    summary: "An object is too long to be copied",
    why: "Files with rows are copied in parts, whatever their length; a record, and a file of Lance that names others, has to be held in memory as a whole.",
    fix: "Find out what wrote it: no object of this kind gets that long by itself. `graphform fsck` tells whether the cluster needs it.",
  },
  backup_link_found: {
    severity: "error",
    summary: "A symbolic link lies in the folder of a root",
    why: "What a link leads to is not of the root: a backup would copy what it was not asked for, and a restore would write there.",
    fix: "Put the files themselves where the link is, or remove it, then run the command again.",
  },
  backup_record_refused: {
    severity: "warning",
    summary: "A record in the place is not taken for a backup",
    why: "A record counts only under its own id: a copy under another name would make an old backup look like a new one.",
    fix: "Find out who put it there, and remove it. All other backups can be used.",
  },
  backup_clock_behind: {
    severity: "warning",
    summary: "The clock is behind that of an earlier backup",
    why: "Of backups of one revision the one with the latest date is the newest, so this one is dated right after the one before it.",
    fix: "Set the clocks of the machines that take backups.",
  },
  backup_object_damaged: {
    severity: "error",
    summary: "An object of a backup is damaged or missing",
    why: "Every object of a backup is named by its digest, and nothing is restored from one that does not fit.",
    fix: "Run `graphform backup --verify` while the cluster is whole: it puts again what is damaged. Where the place lets nothing be replaced, back up to another one.",
  },
  backup_objects_repaired: {
    severity: "warning",
    summary: "Damaged objects in the place were put again",
    why: "They were not what their names say; what is in the place is changed by something else than Graphform.",
    fix: "Find out what changed them, and run `graphform verify-backup` on the backups that you rely on.",
  },
  backup_objects_lost: {
    severity: "warning",
    summary: "Earlier backups have objects that cannot be repaired",
    why: "They are damaged or missing, and the root has another content under their names. The new backup has what is there now.",
    fix: "Run `graphform verify-backup` on the earlier backups that you rely on.",
  },
  backup_incomplete: {
    severity: "error",
    summary: "The copy is not whole",
    why: "What the ledger or a graph needs is not there, most likely because it is not there at the source either.",
    fix: "Run `graphform fsck` on the cluster and mend what it finds, then back up again. Earlier backups are not touched.",
  },
  backup_not_found: {
    severity: "error",
    summary: "There is no such backup",
    why: "A place holds what `graphform backup` has put there. One that was mistyped, or that nothing was backed up to, holds none.",
    fix: "Check --from, --backup and --digest; `graphform backups` lists what is in a place.",
  },
  backup_unusable: {
    severity: "error",
    summary: "The backup cannot be used",
    why: "Every object of a backup is held to its digest, and nothing is restored from one that does not fit.",
    fix: "`graphform backups` lists the backups of a place. Give an earlier one with --backup, or the place as it was from another copy.",
  },
  restore_root_not_empty: {
    severity: "error",
    summary: "The root is not empty",
    why: "A cluster is restored next to nothing: newer records of another history would contradict it.",
    fix: "Give an empty root. If an earlier restore broke off there, repeat it with the same backup, owner and lease table.",
  },
  restore_rows_unmovable: {
    severity: "error",
    summary: "A file with rows cannot be moved to another root",
    why: "Lance writes whole addresses into its files; restored unchanged, the graph would read the rows of the old root.",
    fix: "Use the version of Graphform that wrote it, and report it.",
  },
  restore_rows_unreadable: {
    severity: "error",
    summary: "A restored graph does not open",
    why: "The objects are restored and its rows are not known to be readable.",
    fix: "Run `graphform fsck`, and `graphform export` of the graph; restore an earlier backup elsewhere if it stays.",
  },
  invalid_lease_table_argument: {
    severity: "error",
    summary: "The lease table of the command line does not fit the root",
    why: "Who owns a root is told by its lease table; two clients with two tables would not see each other.",
    fix: "Give --lease-table REGION/TABLE for a bucket, as the stack's output LeaseTableName shows it, and none for a folder.",
  },
  restored_runs_ended: {
    severity: "warning",
    summary: "Runs of the backup are canceled in the restored cluster",
    why: "They were ordered for the cluster as it was, which may be alive and have them too; nothing begins by itself in a restored cluster. What they had done stays, and approvals stay open.",
    fix: "Look at them with `graphform runs`, and order again what is still wanted. A restore with --keep-open-runs lets them go on.",
  },
  run_ended_by_restore: {
    severity: "warning",
    summary: "The run was canceled when its cluster was restored from a backup",
    why: "It was ordered for the cluster as it was when the backup was taken, which may be alive and have it too.",
    fix: "Order it again if it is still wanted; approvals that were given still count.",
  },
  restored_runs_open: {
    severity: "warning",
    summary: "Runs go on in the restored cluster",
    why: "They were ordered before the backup, and each goes on with its own plan unless that has become stale.",
    fix: "Look at them with `graphform runs`, and cancel what is not wanted any more.",
  },
} as const satisfies Record<string, CatalogueEntry>;
