/**
 * A Change is one step of a plan: what will happen to one address (spec/cluster 7.3). Field order is the JSON order.
 *
 * Guarantees: pure data. `disposition` says what apply will do with it; `reason` is present exactly when something
 * stands in the way. The first seven reasons are OmniGraph's; the others name what it could not tell apart.
 */
import type { Address } from "../desired/address.ts";
import type { StepImpact } from "../engine/engine.ts";
import type { AccessDiff } from "../policy/diff.ts";
import type { MigrationStep } from "../schema/migration.ts";

export type Operation = "create" | "update" | "delete";
/** `derived`: a composite that follows from its children. `deferred`: not in this run. */
export type Disposition = "applied" | "derived" | "deferred" | "blocked";

export type ChangeReason =
  | "approval_required"
  | "dependency_not_applied"
  | "graph_create_failed"
  | "schema_apply_failed"
  | "graph_delete_failed"
  | "cluster_recovery_pending"
  | "apply_unsupported_kind"
  /** A graph is already there that the ledger does not know (refresh or import records it). */
  | "graph_exists"
  /** Something that is not ours stands at the graph's root. */
  | "graph_unreadable"
  /** The store could not say what is there. */
  | "graph_observation_error"
  /** The live graph is not what the ledger records (refresh records it). */
  | "graph_drifted"
  /** The planner refuses the schema change. */
  | "migration_unsupported"
  /** The graph is in the ledger, its schema entry is not (W14). */
  | "schema_unrecorded"
  /** A graph that stays in the ledger still uses the provider (W1). */
  | "provider_in_use"
  /** The catalog payload could not be stored. */
  | "payload_write_failed"
  /** Somebody protected the graph: it is not deleted whatever config, plan or approval says. */
  | "graph_protected"
  /** Left out by `--target`. */
  | "not_targeted";

export interface PlannedMigration {
  readonly supported: boolean;
  readonly steps: readonly MigrationStep[];
  /** What each step does to stored rows, by index of the step. */
  readonly impact: readonly StepImpact[];
}

export interface Change {
  readonly resource: Address;
  readonly operation: Operation;
  readonly before_digest?: string;
  readonly after_digest?: string;
  readonly disposition: Disposition;
  readonly reason?: ChangeReason;
  readonly binding_change?: true;
  readonly metadata_change?: "policy_bindings" | "embedding_profile";
  /** Of a policy: what it was bound to and what it will be, sorted: `cluster` or `graph.<id>`. */
  readonly bound_to?: readonly string[];
  /** Of an update of a graph: its provider or its blob policy changes, not only its parts. */
  readonly rebound?: true;
  /** Not a change of the config: destroys what earlier soft drops have hidden. */
  readonly purge?: true;
  /** An approval turns the drops of this schema change into destruction. */
  readonly data_loss?: true;
  readonly migration?: PlannedMigration;
  /** The file of the query changed, its own text did not (W37). */
  readonly only_file_changed?: true;
  /** Rows that a graph delete takes out of sight, or null when they could not be counted. */
  readonly rows?: number | null;
  /** Who gains and loses what by a policy change. */
  readonly access?: AccessDiff;
}

/** A change before anything is known about what stands in its way. */
export type RawChange = Omit<
  Change,
  "disposition" | "reason" | "data_loss" | "migration" | "only_file_changed" | "rows" | "access"
>;
