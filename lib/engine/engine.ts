/**
 * Engine: what stores graphs. Nothing above this port knows how (design 6).
 *
 * A graph is a chain of immutable manifests, versions 1, 2, 3 and so on without gap. Every writing verb takes the
 * version it was decided on (`expect`: the head's version, 0 for no chain), an operation id and an actor, and
 * publishes version `expect + 1` or nothing:
 *
 * - `done`: that manifest is published, for ever.
 * - `refused`: version `expect + 1` is another operation's, or the verb is not possible on the head; nothing of the
 *   request is visible or ever will be. `head` is what was observed.
 * - `conflict`, `ambiguous`, `unavailable`: as for every conditional call (ports/outcome). After `ambiguous` the
 *   manifest may still appear; whoever must know reads back or occupies the version with `fence`.
 * - `invalid`: the request itself is wrong (schema, rows); nothing was attempted. All errors at once.
 *
 * Two writers, a crash, or a paused holder that wakes can never mix rows or columns: what a verb prepares is invisible
 * until its manifest is published, and is garbage if it is not. Readers use one manifest and what it pins.
 * Repeating a verb with the same operation id after it landed answers `done` with the manifest that landed.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../digest/ids.ts";
import type { SchemaIr } from "../schema/ir.ts";
import type { MigrationPlan, TypeKind } from "../schema/migration.ts";
import type { Manifest } from "./manifest.ts";

/** Source text as given, and what it was accepted as. */
export interface AcceptedSchema {
  readonly source: string;
  readonly digest: Digest;
  readonly ir: SchemaIr;
}

/**
 * What is at a graph's root. `absent` is proven; `marked` tells that our own root marker is there without a chain
 * (version 0). `unreadable` covers everything that exists and is not ours to touch; `unavailable` is not knowing.
 */
export type Observation =
  | { readonly tag: "absent"; readonly marked: boolean }
  | { readonly tag: "never"; readonly head: Manifest }
  | { readonly tag: "live"; readonly head: Manifest; readonly schema: AcceptedSchema }
  | { readonly tag: "deleted"; readonly head: Manifest }
  | {
      readonly tag: "unreadable";
      readonly reason: "foreign_format" | "newer_format" | "corrupt";
      readonly detail: string;
    }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface Attribution {
  readonly operation_id: OperationId;
  readonly run_id: RunId;
  readonly actor: string | null;
}

export interface Precondition {
  readonly graph: GraphId;
  /** Head version that the operation was decided on; 0 for no chain. Never re-read by the engine. */
  readonly expect: number;
}

export type WriteRequest = Precondition & Attribution;

export type EngineOutcome =
  | { readonly tag: "done"; readonly manifest: Manifest }
  | { readonly tag: "refused"; readonly head: Observation }
  | { readonly tag: "conflict" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

export interface CreateRequest extends WriteRequest {
  readonly schema_source: string;
  readonly incarnation: IncarnationId;
}

/** A graph that lives, as it was observed. */
export type LiveGraph = Extract<Observation, { readonly tag: "live" }>;

export interface MigrateRequest extends WriteRequest {
  readonly schema_source: string;
  /**
   * The head `expect` as it was observed, so that it need not be read again; whether it still is the head is decided by
   * the publication alone. Absent: it is read.
   */
  readonly on?: LiveGraph | undefined;
  /** What `keepSchema` has put for this very migration; a record of any other name is put anew. */
  readonly kept?: Digest | undefined;
  /** Promotes every drop to a hard one; without a step, purges what is hidden. Only an approval may set it (design 8). */
  readonly data_loss: boolean;
}

/** `incarnation`: the dead one that is meant. */
export interface RestoreRequest extends WriteRequest {
  readonly incarnation: IncarnationId;
}

export const LOAD_MODES = ["append", "merge", "overwrite"] as const;
export type LoadMode = (typeof LOAD_MODES)[number];

export interface LoadProgress {
  readonly lines_read: number;
  readonly bytes_read: number;
  readonly rows_accepted: number;
}

export interface LoadRequest extends Attribution {
  readonly graph: GraphId;
  readonly mode: LoadMode;
  /** UTF-8 JSON lines: `{"type","data"}` and `{"edge","from","to","data"}`. Opened once for every pass. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Name of the source in diagnostics. */
  readonly source_name: string;
  /** The head before the run's first attempt: all versions above it are searched for a load of the same run. */
  readonly since_version?: number | undefined;
  readonly progress?: ((progress: LoadProgress) => void) | undefined;
}

export interface LoadCounts {
  readonly type_kind: "node" | "edge";
  readonly type_name: string;
  readonly rows: number;
}

export type LoadOutcome =
  | { readonly tag: "done"; readonly manifest: Manifest; readonly counts: readonly LoadCounts[] }
  | Exclude<EngineOutcome, { tag: "done" }>;

/** What a migration step does to stored rows (RFC D7, design 5). */
export interface StepImpact {
  /** Index of the step in the plan. */
  readonly step: number;
  readonly type_kind: TypeKind;
  readonly type_name: string;
  /** Rows of the type now. */
  readonly rows: number;
  /** Values (or, for a dropped type, rows) that current readers will no longer see. */
  readonly values_lost: number;
  /** Rows that break the step's rule, and the first ids of them. */
  readonly violations: number;
  readonly violating_ids: readonly string[];
}

export interface Preview {
  readonly plan: MigrationPlan;
  readonly impact: readonly StepImpact[];
  /** Head that was previewed. */
  readonly version: number;
  readonly incarnation: IncarnationId;
  readonly accepted_digest: Digest;
  /** Notes on renames and the like that do not stop the migration. */
  readonly diagnostics: readonly Diagnostic[];
}

export type PreviewOutcome =
  | { readonly tag: "previewed"; readonly preview: Preview }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "not_live"; readonly observation: Observation };

export interface PreviewRequest {
  readonly graph: GraphId;
  readonly schema_source: string;
  readonly data_loss: boolean;
  /** What was observed: the preview is of that version. Absent: of the head, which is observed now. */
  readonly on?: LiveGraph | undefined;
}

export interface KeepSchemaRequest {
  readonly on: LiveGraph;
  readonly schema_source: string;
}

/** `not_kept`: the store did not answer, or there is no such migration; `migrate` says which. */
export type SchemaKept = { readonly tag: "kept"; readonly record: Digest } | { readonly tag: "not_kept" };

export interface TypeCount {
  readonly type_kind: "node" | "edge";
  readonly type_name: string;
  readonly rows: number;
}

/** A manifest of the chain with the schema it was written under. */
export type ManifestRead =
  | { readonly tag: "found"; readonly manifest: Manifest; readonly schema: AcceptedSchema | null }
  | { readonly tag: "absent" }
  | { readonly tag: "unreadable"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** `version` undefined: the head. */
export interface ReadRequest {
  readonly graph: GraphId;
  readonly version?: number | undefined;
  /**
   * Only versions of the life that the graph has now; those of an earlier one are no versions then. Whoever answers for
   * the policy of the present graph sets it, because that policy says nothing about rows that another graph had.
   */
  readonly present_life?: boolean | undefined;
}

export interface ExportRequest extends ReadRequest {
  /** Also write the ids of edges, so that a merge of the lines replaces edges instead of adding them again. */
  readonly edge_ids?: boolean | undefined;
}

/** `lines` rejects if the store fails in between: what came before is not the whole. */
export type ExportOutcome =
  | { readonly tag: "exporting"; readonly manifest: Manifest; readonly lines: AsyncIterable<string> }
  | { readonly tag: "not_live"; readonly observation: Observation }
  | { readonly tag: "no_such_version" };

export type CountOutcome =
  | { readonly tag: "counted"; readonly manifest: Manifest; readonly counts: readonly TypeCount[] }
  | { readonly tag: "not_live"; readonly observation: Observation }
  | { readonly tag: "no_such_version" };

/** `left`: what could not be removed, or be listed; it is found again next time. `unavailable`: the head is not known. */
export type CleanUpOutcome =
  | { readonly tag: "done" }
  | { readonly tag: "left"; readonly what: readonly string[] }
  | { readonly tag: "unavailable"; readonly reason: string };

export type GraphListing =
  | { readonly tag: "listed"; readonly graphs: readonly GraphId[] }
  | { readonly tag: "unavailable"; readonly reason: string };

export type GraphsObserved =
  | { readonly tag: "observed"; readonly graphs: ReadonlyMap<GraphId, Observation> }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface Engine {
  /**
   * What stands at the graph's root now. Never creates, repairs or guesses. `likely`: the version that the ledger has
   * recorded, 0 for none; if it is still the head, the answer comes sooner, and it never changes the answer.
   */
  observe(graph: GraphId, likely?: number): Promise<Observation>;
  /** One manifest of the chain. */
  at(graph: GraphId, version: number): Promise<ManifestRead>;
  /** Every graph id that has a chain or a root marker of ours below `graphs/`. */
  graphs(): Promise<GraphListing>;
  /** The same graphs, each as `observe` sees it: one look where asking for both would take two. */
  observeAll(): Promise<GraphsObserved>;
  /**
   * What a migration would do, with data impact. Reads only. Where the source changes nothing and `data_loss` is set,
   * the plan is that of a purge: hard drops of all that earlier soft drops hid.
   */
  preview(request: PreviewRequest): Promise<PreviewOutcome>;
  /** First or next incarnation of a graph; refused where one lives or where something foreign stands. */
  create(request: CreateRequest): Promise<EngineOutcome>;
  /** Changes the schema of the live incarnation; unsupported plans are `invalid`. Purges as `preview` says. */
  migrate(request: MigrateRequest): Promise<EngineOutcome>;
  /**
   * Puts the schema record that a migration of `on` would publish, so that it is there by then. Moves nothing: a record
   * has its digest for a name, and until a manifest names it nobody reads it.
   */
  keepSchema(request: KeepSchemaRequest): Promise<SchemaKept>;
  /** Publishes the tombstone; bytes stay. */
  remove(request: WriteRequest): Promise<EngineOutcome>;
  /** Occupies the next version and changes nothing else, so that no effect decided on `expect` can land (J1). */
  fence(request: WriteRequest): Promise<EngineOutcome>;
  /** Publishes a dead incarnation live again; refused when it is being reclaimed or the id is live. */
  restore(request: RestoreRequest): Promise<EngineOutcome>;
  /**
   * Marks a dead incarnation as being reclaimed and, if `recorded` says that the ledger has the delete, removes its
   * bytes. Deletes nothing before the mark is published.
   */
  reclaim(request: RestoreRequest & { readonly recorded: boolean }): Promise<EngineOutcome>;
  /** All rows of one source or none. Validated as spec/schema 9, strictly. Retries on a moved head by itself. */
  load(request: LoadRequest): Promise<LoadOutcome>;
  /** Merges what many small writes left behind; changes no row. */
  compact(request: WriteRequest): Promise<EngineOutcome>;
  /**
   * Takes away what no manifest needs that may still be read: what an operation left that was interrupted, or whose own
   * clean-up was (a hard drop, a compaction). Publishes nothing, and is safe beside everything else.
   */
  cleanUp(graph: GraphId): Promise<CleanUpOutcome>;
  /** The rows as JSON lines, nodes first, in the format that `load` takes. */
  export(request: ExportRequest): Promise<ExportOutcome>;
  /** Rows per type. */
  count(request: ReadRequest): Promise<CountOutcome>;
}
