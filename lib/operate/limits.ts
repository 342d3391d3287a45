/** Limits of the commands of an operator, each with its unit. */

/** How long an approval counts unless the approver says otherwise: seven days, in milliseconds. */
export const APPROVAL_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;
/** How often a revocation starts again because the approval changed in between. */
export const REVOKE_TRIES_MAX = 4;
