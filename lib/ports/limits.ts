/** Limits that every adapter of a port keeps. */

/** Past lock ids that a lease record remembers. Older ones are found below `__graphform/locks/` (design 4.2). */
export const LOCK_IDS_REMEMBERED_MAX = 32;
