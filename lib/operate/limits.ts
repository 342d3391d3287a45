/** Limits of the commands of an operator, each with its unit. */

/** How long an approval counts unless the approver says otherwise: seven days, in milliseconds. */
export const APPROVAL_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;
/** How often a revocation starts again because the approval changed in between. */
export const REVOKE_TRIES_MAX = 4;
/** How long a worker may work on one run where no deployment says so: an hour, in milliseconds. */
export const ATTEMPT_MS_MAX = 60 * 60 * 1000;
/** A clock of another machine may be this far ahead, in milliseconds. */
export const CLOCK_SKEW_MS_MAX = 60_000;
