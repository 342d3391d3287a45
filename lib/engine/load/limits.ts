/** Limits of loads, named with their unit last (style 7.14). Memory is bounded by them and by the rows of the file. */

/** Longest line; a row with everything embedded in it. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** How much of the source is turned into text at once. */
export const SLICE_BYTES = 256 * 1024;
/** Errors that one load lists; the rest are counted. */
export const ERRORS_LISTED_MAX = 100;
/** Rows of one type that are written at once. */
export const BATCH_ROWS_MAX = 8_192;
/** Text of all rows that wait to be written. */
export const BATCH_CHARACTERS_MAX = 16 * 1024 * 1024;
/** How often progress is told, by bytes read or written. */
export const PROGRESS_BYTES = 4 * 1024 * 1024;
/** Stored rows per batch of a scan. */
export const SCAN_BATCH_ROWS = 8_192;
/** Up to so many values of a load are looked up in a big table instead of scanning it. */
export const LOOKUP_VALUES_MAX = 4_000;
export const LOOKUP_CHUNK_VALUES = 1_000;
/** A table is big if it has so many rows for each value that would be looked up. */
export const LOOKUP_ROWS_PER_VALUE_MIN = 10;
/** Entries of one fingerprint table: what 32-bit indexes can hold. */
export const FINGERPRINTS_MAX = 2 ** 30;
