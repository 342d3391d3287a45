/**
 * PendingRows: what a writer has been given to append, or to upsert, and has not yet written. Gathering it makes few
 * large fragments of many batches (limits.ts).
 *
 * Guarantees: the record batches of one value have one schema and go to Lance in one call. For an upsert no id is in
 * it twice, because Lance refuses a merge whose rows match one target twice: of equal ids in a batch the last is kept,
 * and a batch that repeats an earlier id does not fit (`fits`), so that the earlier ones are written first.
 */
import type { RecordBatch } from "apache-arrow";
import type { Cell, Column, RowBatch } from "../tables.ts";
import { batchBytes, recordBatch, writtenColumns } from "./batches.ts";
import { WRITE_BYTES_MAX, WRITE_ROWS_MAX } from "./limits.ts";

export interface PendingRows {
  readonly mode: "append" | "upsert";
  readonly columns: readonly Column[];
  readonly batches: readonly RecordBatch[];
  readonly rows: number;
  readonly bytes: number;
  /** One set for each batch. */
  readonly ids: readonly ReadonlySet<Cell>[];
}

/** Rows to append: columns that they leave out are null. */
export function pendingAppend(dataset: readonly Column[], rows: RowBatch): PendingRows {
  const columns = writtenColumns(dataset, rows);
  return pending("append", columns, rows, new Set(rows.columns.get("id")));
}

/** Rows to upsert: whole rows, so columns that they leave out are written as null over what was there. */
export function pendingUpsert(dataset: readonly Column[], rows: RowBatch): PendingRows {
  writtenColumns(dataset, rows);
  const ids = rows.columns.get("id") ?? [];
  const last = new Map(ids.map((id, index) => [id, index]));
  const distinct = last.size === rows.length ? rows : rowsAt(rows, [...last.values()]);
  return pending("upsert", dataset, distinct, new Set(ids));
}

function pending(
  mode: PendingRows["mode"],
  columns: readonly Column[],
  rows: RowBatch,
  ids: ReadonlySet<Cell>,
): PendingRows {
  const batch = recordBatch(columns, rows);
  return { mode, columns, batches: [batch], rows: rows.length, bytes: batchBytes(batch), ids: [ids] };
}

/** True if `next` may go to Lance in the same call as `before`. */
export function fits(before: PendingRows, next: PendingRows): boolean {
  return (
    before.mode === next.mode &&
    before.columns.length === next.columns.length &&
    before.columns.every((column, index) => column.name === next.columns[index]?.name) &&
    (next.mode === "append" || !shareIds(before, next))
  );
}

/** True if a row with the same id is in both, so that the order in which they are written matters. */
export function shareIds(before: PendingRows, next: PendingRows): boolean {
  return next.ids.some((ids) => [...ids].some((id) => before.ids.some((earlier) => earlier.has(id))));
}

/** Both as one value; they must fit. */
export function joined(before: PendingRows, next: PendingRows): PendingRows {
  return {
    mode: before.mode,
    columns: before.columns,
    batches: [...before.batches, ...next.batches],
    rows: before.rows + next.rows,
    bytes: before.bytes + next.bytes,
    ids: [...before.ids, ...next.ids],
  };
}

/** True if it is large enough to be written. */
export function isFull(rows: PendingRows): boolean {
  return rows.rows >= WRITE_ROWS_MAX || rows.bytes >= WRITE_BYTES_MAX;
}

function rowsAt(rows: RowBatch, indexes: readonly number[]): RowBatch {
  const columns = [...rows.columns].map(
    ([name, cells]) => [name, indexes.map((index) => cells[index] ?? null)] as const,
  );
  return { length: indexes.length, columns: new Map(columns) };
}
