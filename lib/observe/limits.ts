/** Limits of what is observed, named with their unit last (style 7.14). */

/** Receipts that are followed to the last change; loads leave none, so refreshes alone lie between. */
export const RECEIPTS_FOLLOWED_MAX = 32;
