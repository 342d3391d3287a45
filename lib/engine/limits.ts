/**
 * Every limit of the engine, named with its unit last (style 7.14).
 *
 * The two windows are defaults of `createEngine`: a deployment may set its own.
 */

/** How long an earlier manifest keeps protecting what a soft drop or an overwrite hid (design 6). */
export const SOFT_DROP_WINDOW_MS = 30 * 24 * 60 * 60 * 1000;
/** How long the bytes of a removed incarnation stay before clean-up may offer them for reclaim (design 6). */
export const DELETE_GRACE_MS = 7 * 24 * 60 * 60 * 1000;
/** How long a writing verb waits for its turn on one graph before it answers `graph_busy`. */
export const WRITER_WAIT_MAX_MS = 30_000;
/** How often one conditional put of identical bytes is sent before its last outcome is the answer. */
export const PUBLISH_TRIES_MAX = 4;
/** How often a read or list that failed is repeated. */
export const READ_TRIES_MAX = 3;
/** Pause before the first repetition of a failed call; each further pause is twice as long. */
export const RETRY_PAUSE_MS = 50;
/** How often an observation starts again because the graph appeared while it looked. */
export const OBSERVE_ROUNDS_MAX = 3;
/** How often a load is staged again because another writer moved the head. */
export const LOAD_RESTAGE_MAX = 3;
/** How many newest manifests a load searches for its own operation id, so that repeating a load is harmless. */
export const LOAD_LOOKBACK_VERSIONS_MAX = 32;
/** Manifests published since a load began that are searched for it. */
export const LOAD_SEARCH_VERSIONS_MAX = 10_000;
/** Largest root marker, manifest and schema record that are decoded. */
export const MARKER_BYTES_MAX = 64 * 1024;
export const MANIFEST_BYTES_MAX = 8 * 1024 * 1024;
export const SCHEMA_RECORD_BYTES_MAX = 64 * 1024 * 1024;
/** How many decoded schema records one engine keeps; they are immutable, so they are never stale. */
export const SCHEMA_CACHE_ENTRIES_MAX = 64;
/** Rows per batch of exports and rewrites. */
export const SCAN_BATCH_ROWS = 1_000;
/** Ids of rows that break a rule, shown in a preview. */
export const VIOLATING_IDS_MAX = 10;
/** Keys per page of a listing. */
export const LIST_PAGE_KEYS = 1_000;
/** Pages of one listing: a bound on every loop over external data. */
export const LIST_PAGES_MAX = 100_000;
/** Manifests that clean-up reads to find what they protect. */
export const RETENTION_VERSIONS_MAX = 10_000;
/** Heads of graphs that are read at once while all graphs are listed. */
export const HEADS_AT_ONCE_MAX = 64;
