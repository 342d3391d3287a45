/**
 * The canonical text of a scalar (spec/schema 4.1): strings as they are, integers in decimal, `true` and `false`,
 * days and milliseconds since 1970-01-01, floats as their shortest text without an exponent, `0` for both zeros.
 * Node ids and unique tuples are made of it.
 *
 * Guarantees: pure; equal stored values of one type, and only those, have equal texts.
 */
import { assert, assertNever } from "../../digest/assert.ts";
import type { Cell, CellType } from "../tables.ts";
import { shortestFloat32, shortestFloat64, withoutExponent } from "./float-text.ts";

/** `cell` is not null and not a blob, vector or list: the schema check keeps those out of keys and tuples. */
export function canonicalText(cell: Cell, kind: CellType["kind"]): string {
  switch (kind) {
    case "utf8":
    case "bool":
    case "i32":
    case "i64":
    case "u32":
    case "u64":
    case "date":
    case "datetime":
      return String(cell);
    case "f32":
      return withoutExponent(shortestFloat32(Number(cell)));
    case "f64":
      return withoutExponent(shortestFloat64(Number(cell)));
    case "blob":
    case "vector":
    case "list":
      assert(false, "blobs, vectors and lists have no canonical text");
      break;
    default:
      return assertNever(kind);
  }
}

/** One text as it is; several as a JSON array without spaces. */
export function canonicalTuple(texts: readonly string[]): string {
  return texts.length === 1 ? (texts[0] ?? "") : JSON.stringify(texts);
}
