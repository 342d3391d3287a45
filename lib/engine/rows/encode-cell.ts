/**
 * One cell as JSON text (spec/query 11.6; spec/schema 3.1): 64-bit integers with all their digits, floats as short as
 * reads back the same, dates and date-times as text, vectors and lists as arrays, blobs as `base64:`.
 *
 * Guarantees: pure. The row codec reads the text back as the same cell.
 */
import { assert, assertNever } from "../../digest/assert.ts";
import type { Cell, CellType, ListItemKind } from "../tables.ts";
import { writeDate, writeDateTime } from "./calendar-text.ts";
import { shortestFloat32, shortestFloat64 } from "./float-text.ts";
import { blobText } from "./text-cell.ts";

export function encodeCell(cell: Cell, type: CellType): string {
  if (cell === null) return "null";
  switch (type.kind) {
    case "vector":
      assert(cell instanceof Float32Array, "a vector cell is an array of 32-bit floats");
      return `[${Array.from(cell, shortestFloat32).join(",")}]`;
    case "list":
      return `[${listCells(cell)
        .map((item) => encodeCell(item, { kind: type.item }))
        .join(",")}]`;
    case "blob":
      assert(cell instanceof Uint8Array, "a blob cell is bytes");
      return JSON.stringify(blobText(cell));
    case "utf8":
    case "bool":
    case "i32":
    case "u32":
    case "i64":
    case "u64":
    case "f32":
    case "f64":
    case "date":
    case "datetime":
      return encodeScalar(cell, type.kind);
    default:
      return assertNever(type);
  }
}

function listCells(cell: Cell): readonly Cell[] {
  assert(Array.isArray(cell), "a list cell is an array");
  return cell;
}

function encodeScalar(cell: Cell, kind: ListItemKind): string {
  switch (kind) {
    case "utf8":
      return JSON.stringify(cell);
    case "bool":
    case "i32":
    case "u32":
    case "i64":
    case "u64":
      return String(cell);
    case "f32":
      return shortestFloat32(Number(cell));
    case "f64":
      return shortestFloat64(Number(cell));
    case "date":
      return `"${writeDate(Number(cell))}"`;
    case "datetime":
      return `"${writeDateTime(Number(cell))}"`;
    default:
      return assertNever(kind);
  }
}
