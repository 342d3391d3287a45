/**
 * Copies of cells, so that neither a caller nor the store can change the other's values afterwards. A 32-bit float
 * takes the value that 32 bits can hold, as it does in every real store.
 */
import type { Cell, CellType } from "../tables.ts";

/** A copy of the cell as a column of the type would keep it. */
export function storedCell(cell: Cell, type: CellType): Cell {
  if (typeof cell === "number" && isFloat32(type)) return Math.fround(cell);
  if (isList(cell)) return Object.freeze(cell.map((item) => storedCell(item, itemType(type))));
  return copiedCell(cell);
}

/** A copy of a stored cell for a reader. */
export function copiedCell(cell: Cell): Cell {
  if (cell instanceof Uint8Array) return Uint8Array.from(cell);
  if (cell instanceof Float32Array) return Float32Array.from(cell);
  if (isList(cell)) return cell.map(copiedCell);
  return cell;
}

function isFloat32(type: CellType): boolean {
  return type.kind === "f32";
}

function itemType(type: CellType): CellType {
  return type.kind === "list" ? { kind: type.item } : type;
}

function isList(cell: Cell): cell is readonly Cell[] {
  return Array.isArray(cell);
}
