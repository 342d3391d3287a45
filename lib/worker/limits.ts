/** Limits of the work of a deployment, each with its unit. */

/** Size of the settings of a deployment: 10,000 identities, each with a long name. */
export const SETTINGS_BYTES_MAX = 2 * 1024 * 1024;
/** Time that is kept of an invocation for recording what was done. */
export const INVOCATION_MARGIN_MS_MAX = 20_000;
/** A run is begun only if there is at least this time for it; one that cannot be stopped on the way needs more. */
export const RUN_TIME_MS_MIN = 10_000;
/** Runs that one invocation works on; then it prompts the next one. */
export const DRAIN_RUNS_MAX = 100;
/** Attempts in a row that died before a run is taken to be too large for a worker. */
export const DEAD_ATTEMPTS_MAX = 3;
/** Attempts in a row that used their time up and brought a run no further before it is taken to be too large for a worker. */
export const STALLED_STOPS_MAX = 3;
/** How often a message is sent before it is left to the schedule. */
export const PROMPT_TRIES_MAX = 3;
/** Size of what one run has answered. */
export const RUN_OUTPUT_BYTES_MAX = 32 * 1024 * 1024;
/** How often the place of an answer is read again when another attempt writes it at the same time. */
export const RUN_OUTPUT_TRIES_MAX = 5;
/** Length of the text of a notice. */
export const NOTICE_TEXT_CHARACTERS_MAX = 2_000;
/** Drifted resources that one notice names. */
export const DRIFTED_SHOWN_MAX = 20;
/** Size of the list of the drifted resources that were told, all of them in the ledger. */
export const TOLD_DRIFT_BYTES_MAX = 128 * 1024 * 1024;
/** Runs on one page of a listing. */
export const RUN_PAGE_ITEMS_MAX = 100;
/** Size of the body of one message. */
export const MESSAGE_BYTES_MAX = 16 * 1024;
/** Length of one idempotency key. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;
/** How long a run waits for an approval. */
export const APPROVAL_WAIT_MS_MAX = 30 * 24 * 60 * 60 * 1000;
/** Size of one file of rows. */
export const LOAD_BYTES_MAX = 256 * 1024 * 1024;
/** How long the file of an export can be asked for; its store removes it later, counted in days. */
export const EXPORT_KEPT_MS = 20 * 60 * 60 * 1000;
/** Rows of an export that are written at once, in bytes, about. */
export const EXPORT_CHUNK_BYTES = 256 * 1024;
/** Size of the body of one event of the store. */
export const UPLOAD_EVENT_BYTES_MAX = 256 * 1024;
/** Size of the record of the newest order. */
export const NEWEST_ORDER_BYTES_MAX = 16 * 1024;
/** A clock of another machine may be this far behind. */
export const CLOCK_SKEW_MS_MAX = 60_000;
/** How often the reclaim of the schedule asks for a lease that somebody holds. */
export const RECLAIM_TRIES_MAX = 6;
/** The wait before it asks again. */
export const RECLAIM_PAUSE_MS = 15_000;
