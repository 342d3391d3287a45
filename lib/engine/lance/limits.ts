/** Limits of the Lance tables. Each bounds memory or the size of one call, none bounds what can be stored. */

/**
 * Rows and bytes that a writer gathers before it writes them as one fragment and one version. With batches of 20,000
 * rows written one by one, 1,000,000 rows become 50 fragments; gathered, they become 10, at the same speed.
 */
export const WRITE_ROWS_MAX = 100_000;
export const WRITE_BYTES_MAX = 32 * 1024 * 1024;

/** A scan reads pages: this many rows first, then as many as are expected to fill the bytes. */
export const PAGE_ROWS_FIRST = 1_000;
export const PAGE_BYTES_TARGET = 8 * 1024 * 1024;
export const PAGE_ROWS_MAX = 50_000;

/** Up to this many values a lookup is a filter; above it, parsing the filter costs more than reading the column. */
export const LOOKUP_FILTER_VALUES_MAX = 1_000;

/** What all open datasets of one `Tables` may keep in memory for the next reader. */
export const INDEX_CACHE_BYTES_MAX = 16n * 1024n * 1024n;
export const METADATA_CACHE_BYTES_MAX = 64n * 1024n * 1024n;

/** Native messages carry stack-like tails; people get this much of them. */
export const REASON_CHARACTERS_MAX = 300;
