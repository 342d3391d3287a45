/**
 * Row: one line of a load, decoded: what will be stored. And a batch of rows by column, as the tables port takes it.
 *
 * Guarantees: pure data. `id` is null where a new ULID will be made when the row is written. `cells` are in the order
 * of the shape's properties.
 */
import type { Cell, RowBatch } from "../tables.ts";
import type { EdgeShape, NodeShape } from "./row-shape.ts";

export interface NodeRow {
  readonly kind: "node";
  readonly shape: NodeShape;
  readonly id: string | null;
  readonly cells: readonly Cell[];
}

export interface EdgeRow {
  readonly kind: "edge";
  readonly shape: EdgeShape;
  readonly id: string | null;
  readonly src: string;
  readonly dst: string;
  readonly cells: readonly Cell[];
}

export type Row = NodeRow | EdgeRow;

/** The cell of a physical column; null where the row has none. */
export function cellOfColumn(row: Row, column: string): Cell {
  if (column === "id") return row.id;
  if (row.kind === "edge" && column === "src") return row.src;
  if (row.kind === "edge" && column === "dst") return row.dst;
  const at = row.shape.properties.findIndex((property) => property.column.name === column);
  return row.cells[at] ?? null;
}

/** A row whose id is known. */
export type IdentifiedRow = Row & { readonly id: string };

/** Rows of one type, column by column. */
export function rowBatch(rows: readonly IdentifiedRow[]): RowBatch {
  const columns = new Map<string, readonly Cell[]>([["id", rows.map((row) => row.id)]]);
  const shape = rows[0]?.shape;
  if (shape?.kind === "edge") {
    columns.set(
      "src",
      rows.map((row) => (row.kind === "edge" ? row.src : null)),
    );
    columns.set(
      "dst",
      rows.map((row) => (row.kind === "edge" ? row.dst : null)),
    );
  }
  shape?.properties.forEach((property, at) => {
    columns.set(
      property.column.name,
      rows.map((row) => row.cells[at] ?? null),
    );
  });
  return { length: rows.length, columns };
}
