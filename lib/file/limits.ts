/** Limits of the file adapter. */

/** Generations of one chain that are kept; a claim that is found further behind cannot be judged (generation-chain). */
export const GENERATIONS_KEPT = 64;
/** How often a read starts again because the folder moved under it. */
export const READ_ATTEMPTS_MAX = 32;
/** Keys of one page of a listing. */
export const LIST_KEYS_MAX = 1000;
/** Bytes of one key; file systems refuse longer names anyway. */
export const KEY_BYTES_MAX = 1024;
/** How often a tree is removed again because a writer that does not know that it is dead adds to it meanwhile. */
export const REMOVE_TRIES_MAX = 3;
export const REMOVE_RETRY_MS = 20;
/** Age at which a staged file counts as left behind by a crash. */
export const STAGED_MS_MAX = 24 * 60 * 60 * 1000;
/** How often a change of a queue is decided again because another process changed the queue first. */
export const QUEUE_CHANGES_MAX = 32;
