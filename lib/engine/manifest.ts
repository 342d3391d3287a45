/**
 * Manifest: one immutable version of one graph, under `graphs/<id>.omni/__manifest/` (design 6). Field order is the
 * JSON order; the format is for ever and changes only with `format_version`.
 *
 * Publishing version N+1 is a put-if-absent of its key: the graph's compare-and-set, its fence and its history.
 */
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../digest/ids.ts";

export const MANIFEST_FORMAT_VERSION = 1;

export type ManifestCause =
  | "create"
  | "migrate"
  | "load"
  | "remove"
  | "fence"
  | "restore"
  | "reclaim"
  | "compact";
/** `never`: only fences so far; no graph has lived here. */
export type GraphState = "never" | "live" | "deleted";

/** One dataset of one node or edge type, pinned to one branch and version of it. */
export interface TablePin {
  /** Stable type id of the schema IR. */
  readonly type_id: number;
  /** Below the graph root: `<incarnation>/<type id>-<n>.lance`. */
  readonly path: string;
  /** Lance branch, null for the dataset's main line. */
  readonly branch: string | null;
  readonly lance_version: number;
  readonly rows: number;
}

/** An incarnation that has been removed. Its bytes stay until a reclaim was published and the delete is recorded. */
export interface DeadIncarnation {
  readonly incarnation: IncarnationId;
  /** Manifest version of its last live manifest. */
  readonly since: number;
  readonly reclaiming: boolean;
}

export interface Manifest {
  readonly format_version: typeof MANIFEST_FORMAT_VERSION;
  readonly graph: GraphId;
  readonly version: number;
  readonly cause: ManifestCause;
  readonly state: GraphState;
  readonly incarnation: IncarnationId | null;
  readonly operation_id: OperationId;
  readonly run_id: RunId;
  readonly actor: string | null;
  /** RFC 3339 UTC. */
  readonly at: string;
  /** SHA-256 of the schema source; null unless live. */
  readonly schema_digest: Digest | null;
  /** Names `__graphform/schemas/<schema_record>.json`: source and IR together; null unless live. */
  readonly schema_record: Digest | null;
  readonly tables: readonly TablePin[];
  /** Rows written since the incarnation was created, by loads; what an approval's tolerance counts (design 8). */
  readonly rows_written: number;
  readonly dead: readonly DeadIncarnation[];
}
