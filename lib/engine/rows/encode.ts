/**
 * Rows as JSON lines, in the format that a load takes: nodes as `{"type","data":{"id",...}}`, edges as
 * `{"edge","from","to","data"}`. Properties follow the order of the schema record; nulls are left out.
 *
 * Guarantees: pure. Loading the lines into an empty graph of the same schema gives the same rows; edges get new ids
 * unless theirs are written too.
 */
import type { Cell, RowBatch } from "../tables.ts";
import { encodeCell } from "./encode-cell.ts";
import type { EdgeShape, NodeShape, RowShape } from "./row-shape.ts";

/** The columns that a batch must have to be encoded. */
export function encodedColumns(shape: RowShape): readonly string[] {
  const system = shape.kind === "node" ? ["id"] : ["id", "src", "dst"];
  return [...system, ...shape.properties.map((property) => property.column.name)];
}

export interface EdgeEncoding {
  /** Writes the id of the edge, so that a later merge replaces it instead of adding another one. */
  readonly edge_ids: boolean;
}

/** One row of a batch as a line, without a line break. */
export function encodeNodeRow(shape: NodeShape, batch: RowBatch, row: number): string {
  const id = `"id":${JSON.stringify(cellAt(batch, "id", row))}`;
  return `{"type":${JSON.stringify(shape.name)},"data":${dataText(shape, batch, row, [id])}}`;
}

/** One row of a batch as a line, without a line break. */
export function encodeEdgeRow(
  shape: EdgeShape,
  batch: RowBatch,
  row: number,
  encoding: EdgeEncoding,
): string {
  const id = encoding.edge_ids ? [`"id":${JSON.stringify(cellAt(batch, "id", row))}`] : [];
  const from = JSON.stringify(cellAt(batch, "src", row));
  const to = JSON.stringify(cellAt(batch, "dst", row));
  const data = dataText(shape, batch, row, id);
  return `{"edge":${JSON.stringify(shape.name)},"from":${from},"to":${to},"data":${data}}`;
}

function dataText(shape: RowShape, batch: RowBatch, row: number, first: readonly string[]): string {
  const parts = [...first];
  for (const property of shape.properties) {
    const cell = cellAt(batch, property.column.name, row);
    if (cell === null) continue;
    parts.push(`${JSON.stringify(property.name)}:${encodeCell(cell, property.column.type)}`);
  }
  return `{${parts.join(",")}}`;
}

function cellAt(batch: RowBatch, column: string, row: number): Cell {
  return batch.columns.get(column)?.[row] ?? null;
}
