/**
 * GraphFinding: what an observation of one graph means for a plan. Pure; made by whoever observed (apply/world).
 *
 * `drifted`: it lives, but not as the ledger records it (schema or incarnation). `migration` is present when the
 * desired schema was previewed on it. `rows` is the number of rows a delete would take out of sight.
 */
import type { IncarnationId } from "../digest/ids.ts";
import type { PlannedMigration } from "./change.ts";

export interface GraphFinding {
  readonly presence: "absent" | "deleted" | "live" | "unreadable" | "unavailable";
  readonly drifted: boolean;
  /** Head version of the chain; 0 for no chain; null when it could not be read. */
  readonly version: number | null;
  readonly incarnation: IncarnationId | null;
  /** Digest of the live schema source. */
  readonly schema_digest: string | null;
  /** That source; there only for a purge, which keeps the schema as it is. */
  readonly schema_source?: string;
  /** Rows written to the incarnation so far; null unless live. What an approval's tolerance counts. */
  readonly rows_written: number | null;
  readonly migration?: PlannedMigration;
  readonly rows?: number;
  /** What the store or the planner said, for the diagnostic. */
  readonly detail?: string;
}
