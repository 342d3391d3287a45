/** Limits that every adapter of a port keeps. */

/** Past lock ids that a lease record remembers. Older ones are found below `__graphform/locks/` (design 4.2). */
export const LOCK_IDS_REMEMBERED_MAX = 32;

/** How long a queue remembers the id of a message, so that sending it again adds nothing (as SQS FIFO does). */
export const QUEUE_DEDUPLICATION_MS = 5 * 60 * 1000;
/** Messages of one receive. */
export const QUEUE_BATCH_MAX = 10;
/** Messages that wait in one queue; a send beyond that is refused as unavailable. */
export const QUEUE_MESSAGES_MAX = 10_000;
/** How often a receive that waits looks again. */
export const QUEUE_POLL_MS = 200;
