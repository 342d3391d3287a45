/**
 * Tables: where an engine keeps rows. Columnar datasets with branches and versions, below one storage root. The
 * verbs of the engine are written once over this port; `memory/` and `lance/` implement it.
 *
 * A dataset lies at a path (`graphs/<id>.omni/<incarnation>/<type id>-<n>.lance`). A position pins one version of one
 * branch of it, for ever readable until it is cleaned up. Every writer works on a branch of its own that it made from
 * a pinned position or from nothing: two writers, a crash or a paused holder can never mix rows or columns.
 * Nothing a writer does is visible to whoever reads another position.
 *
 * Physical columns: `id` (every type), `src` and `dst` (edges), all non-null text; and one column per property, named
 * `p<property id>` and always nullable in storage, because what the schema demands is checked when rows are written.
 * So renaming, soft drops, relaxing and widening enums touch no dataset at all: they are a new manifest.
 *
 * No call throws for what the outside world does; `unavailable` says why, `missing` is proven absence.
 */
export type CellType =
  | {
      readonly kind:
        | "utf8"
        | "bool"
        | "i32"
        | "i64"
        | "u32"
        | "u64"
        | "f32"
        | "f64"
        | "date"
        | "datetime"
        | "blob";
    }
  | { readonly kind: "vector"; readonly dimension: number }
  | { readonly kind: "list"; readonly item: ListItemKind };
export type ListItemKind =
  | "utf8"
  | "bool"
  | "i32"
  | "i64"
  | "u32"
  | "u64"
  | "f32"
  | "f64"
  | "date"
  | "datetime";

export interface Column {
  readonly name: string;
  readonly type: CellType;
}

/**
 * One value. utf8: string; bool: boolean; i32 u32 f32 f64: number; i64 u64: bigint; date: number of epoch days;
 * datetime: number of epoch milliseconds; blob: bytes; vector: Float32Array; list: array of item values and nulls.
 */
export type Cell = null | string | number | bigint | boolean | Uint8Array | Float32Array | readonly Cell[];

/** Columns of equal length; every requested column is present. */
export interface RowBatch {
  readonly length: number;
  readonly columns: ReadonlyMap<string, readonly Cell[]>;
}

export interface TablePosition {
  /** Key below the storage root. */
  readonly path: string;
  /** Null for the dataset's main line. */
  readonly branch: string | null;
  readonly lance_version: number;
}

export type TableOutcome<T> =
  | { readonly tag: "ok"; readonly value: T }
  | { readonly tag: "missing" }
  | { readonly tag: "exists" }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface ScanOptions {
  readonly columns: readonly string[];
  readonly batch_rows: number;
}

export interface TableReader {
  readonly position: TablePosition;
  /** Physical columns at this position. A column that a scan asks for and that is not here reads as null. */
  readonly columns: readonly Column[];
  count(): Promise<TableOutcome<number>>;
  countNonNull(column: string): Promise<TableOutcome<number>>;
  /** Rows in batches, in a stable order. A failure ends the iteration with an `unavailable`. */
  scan(options: ScanOptions): AsyncIterable<TableOutcome<RowBatch>>;
  /** The rows whose text column has one of the values. */
  lookup(
    column: string,
    values: readonly string[],
    columns: readonly string[],
  ): Promise<TableOutcome<RowBatch>>;
  close(): void;
}

export interface TableWriter {
  addColumns(columns: readonly Column[]): Promise<TableOutcome<null>>;
  append(batch: RowBatch): Promise<TableOutcome<null>>;
  /** Inserts, or replaces the whole row with the same `id`. */
  upsert(batch: RowBatch): Promise<TableOutcome<null>>;
  /** Merges small fragments; changes no row. */
  compact(): Promise<TableOutcome<null>>;
  /** The position to pin. The writer is closed. */
  finish(): Promise<TableOutcome<{ readonly position: TablePosition; readonly rows: number }>>;
  /** Closes without a position; what was written is garbage. */
  abandon(): void;
}

export interface Tables {
  read(position: TablePosition): Promise<TableOutcome<TableReader>>;
  /**
   * A new empty dataset on its main line; `exists` if something is at the path. Its first version, 1, is readable as
   * soon as the call has answered `ok`, also when the writer is abandoned. Exclusive: of two creators one is `ok`.
   */
  create(path: string, columns: readonly Column[]): Promise<TableOutcome<TableWriter>>;
  /** A new branch from a pinned position; `exists` if the branch is there (a repeated operation). */
  branch(from: TablePosition, branch: string): Promise<TableOutcome<TableWriter>>;
  /** Branch names of a dataset, its main line excluded. */
  branches(path: string): Promise<TableOutcome<readonly string[]>>;
  /**
   * Removes a branch that nothing is based on; `exists` while another branch is based on it, `missing` if it is not
   * there. Positions of other branches keep reading.
   */
  dropBranch(path: string, branch: string): Promise<TableOutcome<null>>;
  /** Dataset paths directly below a key prefix (an incarnation's folder). */
  datasets(prefix: string): Promise<TableOutcome<readonly string[]>>;
  /** Removes everything below the key prefix, whatever it is. Idempotent. The only call that deletes bytes. */
  erase(prefix: string): Promise<TableOutcome<null>>;
}
