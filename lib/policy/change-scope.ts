/**
 * ChangeScope: which changes of a plan a rule or a duty is about, and the tiers of what a change can destroy
 * (spec/policy 5.2).
 *
 * Guarantees: pure data. A tier is ordered: whoever may do something of one tier may do everything below it.
 */
export const CHANGE_KINDS = ["graph", "schema", "query", "policy", "embedding_provider"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export const CHANGE_OPERATIONS = ["create", "update", "delete"] as const;
export type ChangeOperation = (typeof CHANGE_OPERATIONS)[number];

/** From what is only shown to what cannot be brought back. */
export const CHANGE_TIERS = [
  "display_only",
  "catalog",
  "compatibility_narrowing",
  "recoverable_rewrite",
  "irreversible",
] as const;
export type ChangeTier = (typeof CHANGE_TIERS)[number];

/** In `change_graphs`: a change that belongs to no graph, such as the bundle of the cluster or a provider. */
export const CLUSTER_SENTINEL = "@cluster";
/** In `change_graphs`: a graph that nobody can name, which is therefore taken to be each one. */
export const UNKNOWN_GRAPH = "@unknown";

/** Null: no condition. */
export interface ChangeScope {
  readonly kinds: readonly ChangeKind[] | null;
  readonly operations: readonly ChangeOperation[] | null;
  /** Graph ids, and {@link CLUSTER_SENTINEL}. */
  readonly graphs: readonly string[] | null;
  /** Only in an `allow`. */
  readonly max_tier: ChangeTier | null;
  /** Only in a `deny` and in a duty. */
  readonly min_tier: ChangeTier | null;
}

/** 0 for the mildest. */
export function tierRank(tier: ChangeTier): number {
  return CHANGE_TIERS.indexOf(tier);
}

/** The more severe of the two. */
export function worseTier(a: ChangeTier, b: ChangeTier): ChangeTier {
  return tierRank(a) >= tierRank(b) ? a : b;
}
