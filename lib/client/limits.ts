/** Limits of the API client. */

/** How often one request is sent before it counts as unanswered. */
export const CALL_TRIES_MAX = 4;
/** The first wait before a request is sent again; each wait is three times the one before. */
export const CALL_BACKOFF_MS = 300;
/** The longest wait that a `Retry-After` of the server is followed. */
export const RETRY_AFTER_MS_MAX = 20_000;
/** How long one request may take until its answer is complete. */
export const CALL_MS_MAX = 60_000;
/** How long the bytes of an upload may take. */
export const UPLOAD_MS_MAX = 3_600_000;
/** The longest answer that is read at once: the limit of what a deployment sends. */
export const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** How long one question for a run lets the server wait for its end. */
export const RUN_WAIT_SECONDS_MAX = 20;
/** How long a server may be away while somebody waits for a run. */
export const RUN_OUTAGE_MS_MAX = 120_000;
/** Waits between questions for a run that the server answers at once. */
export const RUN_POLL_MS = 500;
/** Short runs are over before a long question is worth it: so many short ones come first, each wait twice the last. */
export const RUN_EARLY_POLLS_MAX = 3;
export const RUN_EARLY_POLL_MS = 150;
/** Pages of a list that are read; more are not asked for. */
export const PAGES_MAX = 200;
