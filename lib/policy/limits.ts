/**
 * The limits of one policy bundle (spec/policy 5.9, point 8). A bundle is untrusted input: what it costs to check
 * and to decide grows with these figures and with nothing else.
 */

export const POLICY_BYTES_MAX = 256 * 1024;
export const POLICY_DEPTH_MAX = 16;
/** Tokens of the file; see YamlLimits. */
export const POLICY_NODES_MAX = 100_000;
/** Values read, counting what an alias repeats each time. */
export const POLICY_VALUES_MAX = 200_000;
export const POLICY_RULES_MAX = 500;
/** Distinct names of groups, actors, protected branches, queries, graphs and duties together. */
export const POLICY_NAMES_MAX = 2_000;
/** Globs in the query scopes of one bundle: each is tried on every query of a graph. */
export const POLICY_GLOBS_MAX = 200;
/** Largest number that a bundle may ask for, of seconds or of approvals. */
export const SECONDS_MAX = 2_147_483_647;
/** YAML syntax errors reported for one file; the later ones are mostly echoes of the first. */
export const POLICY_SYNTAX_ERRORS_MAX = 20;
/** Levels of a condition that Cedar leaves over; a deeper one is left to Cedar. */
export const RESIDUAL_DEPTH_MAX = 500;
/** Letters times globs that are read to tell query names apart by the globs of two bundles. */
export const NAME_STEPS_MAX = 4_000_000;
/** Classes of query names that a comparison of bundles tells apart; a reader of a plan would not look at more. */
export const NAME_CLASSES_MAX = 256;
