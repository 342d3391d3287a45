/**
 * Row batches to Arrow record batches, and back.
 *
 * Guarantees: a requested column that a record batch lacks reads as null; rows are never written to a column that the
 * dataset lacks.
 */
import type { RecordBatch } from "apache-arrow";
import { assert } from "../../digest/assert.ts";
import type { Cell, Column, RowBatch } from "../tables.ts";
import { arrow } from "./arrow.ts";
import { arrowSchema, cellType } from "./cell-types.ts";
import { cellsOf } from "./cells-from-arrow.ts";
import { arrowData } from "./cells-to-arrow.ts";

/** The rows as one record batch that has exactly `columns`; what the rows leave out is null. */
export function recordBatch(columns: readonly Column[], rows: RowBatch): RecordBatch {
  const nulls: readonly Cell[] = new Array<null>(rows.length).fill(null);
  const children = columns.map((column) => arrowData(column.type, rows.columns.get(column.name) ?? nulls));
  const schema = arrowSchema(columns);
  const struct = arrow.makeData({
    type: new arrow.Struct(schema.fields),
    length: rows.length,
    nullCount: 0,
    children,
  });
  return new arrow.RecordBatch(schema, struct);
}

/** Those of the dataset's columns that the rows have, in the dataset's order. */
export function writtenColumns(dataset: readonly Column[], rows: RowBatch): readonly Column[] {
  const written = dataset.filter((column) => rows.columns.has(column.name));
  assert(written.length === rows.columns.size, "rows are written to columns that the dataset has");
  return written;
}

/** The named columns of the batches, one after the other. */
export function rowBatch(names: readonly string[], batches: readonly RecordBatch[]): RowBatch {
  const length = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  const columns = new Map(names.map((name) => [name, joinedCells(batches, name)]));
  return { length, columns };
}

/** A scan gives one batch at a time, whose cells need not be copied once more. */
function joinedCells(batches: readonly RecordBatch[], name: string): readonly Cell[] {
  const [first, ...others] = batches;
  if (!first) return [];
  const cells = namedCells(first, name);
  return others.length === 0 ? cells : cells.concat(...others.map((batch) => namedCells(batch, name)));
}

function namedCells(batch: RecordBatch, name: string): readonly Cell[] {
  const vector = batch.getChild(name);
  const type = vector ? cellType(vector.type) : null;
  return vector && type ? cellsOf(type, vector) : new Array<null>(batch.numRows).fill(null);
}

/** Bytes of the buffers behind a batch. */
export function batchBytes(batch: RecordBatch): number {
  return batch.data.byteLength;
}
