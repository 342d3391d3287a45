/**
 * Every limit of config loading (design 11; reliability 4.2, 6.6). What exceeds one is refused with a diagnostic, or
 * becomes an "unreadable" fact of the bundle; nothing is cut off in silence.
 */

/** Size of cluster.yaml. Ten thousand queries named one by one fit in; the slowest hostile text takes seconds. */
export const CONFIG_BYTES_MAX = 512 * 1024;
/** Levels of nesting in cluster.yaml; the deepest legal document has six. */
export const CONFIG_DEPTH_MAX = 16;
/** Tokens of cluster.yaml. */
export const CONFIG_NODES_MAX = 150_000;
/** Values of cluster.yaml once every alias is followed. */
export const CONFIG_EXPANDED_NODES_MAX = 300_000;
/** Diagnostics of one document before the rest is only counted. */
export const CONFIG_DIAGNOSTICS_MAX = 200;
/** Letters of an unknown key that may differ from a known one for it to be suggested. */
export const SUGGESTION_EDITS_MAX = 2;
/** Length of a name that a suggestion is looked for. */
export const SUGGESTION_LENGTH_MAX = 64;
/** Known names that are compared for one suggestion. */
export const SUGGESTION_CANDIDATES_MAX = 200;
/** Size of the raw text of one base for external blobs (spec/cluster 1.8). */
export const BLOB_BASE_BYTES_MAX = 65_536;
/** Bases for external blobs of one graph. */
export const BLOB_BASES_MAX = 1_000;
/** Files and folders that one bundle may name. */
export const BUNDLE_ENTRIES_MAX = 5_000;
/** Files of a bundle that are read at the same time. */
export const BUNDLE_READS_AT_ONCE_MAX = 32;
/** Size of one schema, query or policy file. */
export const SOURCE_BYTES_MAX = 8 * 1024 * 1024;
/** Size of all files of a bundle together. */
export const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;
