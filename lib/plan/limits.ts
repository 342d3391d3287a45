/** Limits of plans, each with its unit. */

/** A plan that is read: 100,000 resources with their preconditions stay well below it. */
export const PLAN_BYTES_MAX = 256 * 1024 * 1024;
/** Graphs that one diagnostic names; of more it tells the number. */
export const NAMED_GRAPHS_MAX = 5;
