/** Limits of the functions. */

/** Until a message that met a defect is handed out again; doubled at each delivery. */
export const RETRY_MS = 15_000;
export const RETRY_MS_MAX = 10 * 60 * 1000;
