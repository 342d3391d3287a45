/**
 * Arrow to cells: one column of a record batch becomes the values of the port, exactly as they were written.
 *
 * Guarantees: the cells are copies, so that a kept cell does not keep the whole batch in memory and a caller cannot
 * change another's values.
 */
import type { Vector } from "apache-arrow";
import { assertNever } from "../../digest/assert.ts";
import type { Cell, CellType, ListItemKind } from "../tables.ts";
import { arrow } from "./arrow.ts";

const DAY_MS = 86_400_000;

/** The cells of one column. `type` is what its schema says it holds. */
export function cellsOf(type: CellType, vector: Vector): readonly Cell[] {
  const decode = decoder(type);
  const cells: Cell[] = [];
  for (let index = 0; index < vector.length; index += 1) {
    const value: unknown = vector.get(index);
    cells.push(value === null || value === undefined ? null : decode(value));
  }
  return cells;
}

type Decode = (value: unknown) => Cell;

function decoder(type: CellType): Decode {
  switch (type.kind) {
    case "blob":
      return (value) => (value instanceof Uint8Array ? Uint8Array.from(value) : null);
    case "vector":
      return elements;
    case "list": {
      const decode = itemDecoder(type.item);
      return (value) => items(value).map((item) => (item === null ? null : decode(item)));
    }
    default:
      return itemDecoder(type.kind);
  }
}

function itemDecoder(kind: ListItemKind): Decode {
  switch (kind) {
    case "utf8":
      return String;
    case "bool":
      return (value) => value === true;
    case "i32":
    case "u32":
    case "f32":
    case "f64":
    case "datetime":
      return Number;
    case "i64":
    case "u64":
      return (value) => (typeof value === "bigint" ? value : BigInt(Number(value)));
    case "date":
      return (value) => Number(value) / DAY_MS;
    default:
      return assertNever(kind);
  }
}

/** Elements are copied as one buffer: one by one is fifty times slower. */
function elements(value: unknown): Float32Array | null {
  const array: unknown = value instanceof arrow.Vector ? value.toArray() : null;
  return array instanceof Float32Array ? array.slice() : null;
}

function items(value: unknown): readonly unknown[] {
  return isIterable(value) ? [...value] : [];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
