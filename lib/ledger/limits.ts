/** Limits of the ledger, its history and its lock. */

/** Size of `state.json`: what every reader must hold in memory. */
export const LEDGER_BYTES_MAX = 128 * 1024 * 1024;
/** Resources of one cluster. */
export const RESOURCES_MAX = 200_000;
/** Entries of each of the other maps of the ledger. */
export const RECORDS_MAX = 200_000;
/** Nesting of JSON, in levels. */
export const JSON_DEPTH_MAX = 128;
/** Problems of one ledger that are reported; the last one says how many more there are. */
export const PROBLEMS_MAX = 50;
/** Highest revision: beyond it JavaScript's numbers, and so our counting, would not be exact. */
export const REVISION_MAX = Number.MAX_SAFE_INTEGER - 1;
/** Attempts at one store call, the first included. */
export const ATTEMPTS_MAX = 5;
/** Pause before the second attempt; doubles with every further one. */
export const RETRY_DELAY_MS = 40;
/** How often a reading starts again because the ledger moved under it. */
export const READINGS_MAX = 8;
/** Receipts that are followed to find out whether an own commit is in the history. */
export const HISTORY_STEPS_MAX = 1000;
/** Receipts that are followed where the whole history is wanted: to rebuild a ledger and to check it. */
export const HISTORY_RECEIPTS_MAX = 100_000;
/** Receipts that are fetched at once when a history is followed: at most, at least, and how many bytes otherwise. */
export const RECEIPTS_AHEAD_MAX = 64;
export const RECEIPTS_AHEAD_MIN = 4;
export const RECEIPTS_AHEAD_BYTES = 32 * 1024 * 1024;
/** Pages of a listing of heads. */
export const HEAD_PAGES_MAX = 10_000;
/** How often writing `lock.json` starts again because the file changed. */
export const LOCK_FILE_ATTEMPTS_MAX = 4;
/** Pause between two looks at a lease that is held. */
export const LEASE_POLL_MS = 250;
/** Shortest pause between two renewals of a lease. */
export const RENEW_INTERVAL_MS_MIN = 50;
/** Highest process id in OmniGraph's lock file, an unsigned 32-bit number. */
export const PID_MAX = 4_294_967_295;
/** Highest number of deletes in one run that a deployment can allow without being asked. */
export const DELETES_MAX_MAX = 100_000;
/** Longest time that rows of deleted graphs are kept, ten years. */
export const DELETE_GRACE_DAYS_MAX = 3650;
/** Characters of a ref or of the address of a repository. */
export const GIT_TEXT_CHARACTERS_MAX = 1_024;
/** Texts that people give for the record (names, reasons), in UTF-16 code units. */
export const RECORD_TEXT_MAX = 2_000;
