/** Limits of what is observed, named with their unit last (style 7.14). */

/** Receipts that are followed to the last change; loads leave none, so refreshes alone lie between. */
export const RECEIPTS_FOLLOWED_MAX = 32;
/** Configs that are tried as the one that a lost ledger had converged to. */
export const CONFIGS_TRIED_MAX = 64;
