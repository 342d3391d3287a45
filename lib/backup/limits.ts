/** Limits of backup and restore, each with its unit. */

/** How often a backup starts again because the cluster was at work meanwhile, and the pause before, in milliseconds. */
export const BACKUP_ROUNDS_MAX = 8;
export const ROUND_PAUSE_MS = 2_000;
/** How far a clock may be behind the one of the newest backup before it is told, in milliseconds. */
export const CLOCK_BEHIND_TOLD_MS = 60_000;
/** Objects that are copied at once. */
export const OBJECTS_AT_ONCE_MAX = 8;
/** Parts of one object, as S3 allows; of a very long one they are longer. */
export const OBJECT_PARTS_MAX = 10_000;

/** What copying holds in memory. Each byte is there up to three times for a moment: as read, as sent, as read back. */
export interface CopyLimits {
  /** Contents and parts that are held at once; a longer one is held alone. */
  readonly held_bytes_max: number;
  /** A content that is longer is moved in parts of this length. */
  readonly part_bytes_min: number;
  /** A content that cannot be moved in parts and is longer is not copied. */
  readonly whole_bytes_max: number;
}

const MIB = 1024 * 1024;
export const COPY_LIMITS: CopyLimits = {
  held_bytes_max: 128 * MIB,
  part_bytes_min: 16 * MIB,
  whole_bytes_max: 512 * MIB,
};

/** Objects of one cluster, and objects that a place for backups holds. */
export const CLUSTER_OBJECTS_MAX = 5_000_000;
/** Keys asked for in one listing. */
export const LIST_PAGE_KEYS = 1_000;
/** Objects that one part of an inventory names, and the size of a part and of a record. */
export const PART_OBJECTS_MAX = 10_000;
export const PART_BYTES_MAX = 32 * 1024 * 1024;
export const RECORD_BYTES_MAX = 16 * 1024 * 1024;
/** Problems that one answer lists; the rest are counted. */
export const PROBLEMS_SHOWN_MAX = 10;
/** Keys that are in the way and that one answer lists: they are long, and a few tell what lies there. */
export const KEYS_SHOWN_MAX = 3;
