/** Limits of plans, each with its unit. */

/** A plan that is read: 100,000 resources with their preconditions stay well below it. */
export const PLAN_BYTES_MAX = 256 * 1024 * 1024;
/** Graphs of a mass delete that are named; the rest are counted. */
export const DELETES_NAMED_MAX = 5;
