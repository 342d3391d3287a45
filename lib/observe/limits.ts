/** Limits of what is observed, named with their unit last (style 7.14). */

/** Receipts that are followed to the last change; loads leave none, so refreshes alone lie between. */
export const RECEIPTS_FOLLOWED_MAX = 32;
/** Configs that are tried as the one that a lost ledger had converged to. */
export const CONFIGS_TRIED_MAX = 64;
/** Commits that a check follows and heads that it reads; what lies below is said to be unknown. */
export const HISTORY_CHECKED_MAX = 20_000;
export const HEADS_CHECKED_MAX = 200_000;
/** Versions of one graph whose names are listed. */
export const MANIFESTS_CHECKED_MAX = 1_000_000;
/** Stored plans that are looked at. */
export const PLANS_CHECKED_MAX = 10_000;
/** Reasons that a proposed command gives; the rest are counted. */
export const REPAIR_REASONS_MAX = 3;
/** How often a check starts again because another command was at work meanwhile. */
export const FSCK_READINGS_MAX = 3;
/** Writers that contend for one object when a storage is probed, and keys that one probe lists. */
export const DOCTOR_CONTENDERS = 8;
export const DOCTOR_KEYS_MAX = 100;
