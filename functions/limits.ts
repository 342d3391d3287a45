/** Limits of the functions. */

/** JavaScript that the API reads to start, in bytes, beside Cedar; what single requests need is read with them. */
export const API_START_BYTES_MAX = 1024 * 1024;
/** Until a message that met a defect is handed out again; doubled at each delivery. */
export const RETRY_MS = 15_000;
export const RETRY_MS_MAX = 10 * 60 * 1000;
/** A lease ends so long after the invocation that holds it: what clocks may differ by, and an answer on its way. */
export const HOLDING_MARGIN_MS = 15_000;
