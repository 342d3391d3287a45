/**
 * Cells to Arrow: one column of values becomes the buffers that Arrow defines for its type. Buffers are built column
 * by column, because building Arrow through row objects takes several times as long and gets null vectors wrong.
 *
 * Guarantees: the buffers are copies, so a caller may change its arrays afterwards. A cell that does not fit its
 * column's kind is a broken promise of our own code: rows are validated before they are written.
 */
import type { Data, DataType } from "apache-arrow";
import { assert, assertNever } from "../../digest/assert.ts";
import type { Cell, CellType, ListItemKind } from "../tables.ts";
import { arrow } from "./arrow.ts";
import { arrowType } from "./cell-types.ts";

type Cells = readonly Cell[];

/** The Arrow data of one column. */
export function arrowData(type: CellType, cells: Cells): Data {
  switch (type.kind) {
    case "blob":
      return blobData(cells);
    case "vector":
      return vectorData(type.dimension, cells);
    case "list":
      return listData(type.item, cells);
    default:
      return scalarData(type.kind, cells);
  }
}

function scalarData(kind: ListItemKind, cells: Cells): Data {
  const { length } = cells;
  switch (kind) {
    case "utf8":
      return textData(cells);
    case "bool":
      return boolData(cells);
    case "i32":
    case "date":
      return fixedData(kind, cells, numbers(cells, new Int32Array(length)));
    case "u32":
      return fixedData(kind, cells, numbers(cells, new Uint32Array(length)));
    case "f32":
      return fixedData(kind, cells, numbers(cells, new Float32Array(length)));
    case "f64":
      return fixedData(kind, cells, numbers(cells, new Float64Array(length)));
    case "i64":
      return fixedData(kind, cells, integers(cells, new BigInt64Array(length)));
    case "u64":
      return fixedData(kind, cells, integers(cells, new BigUint64Array(length)));
    case "datetime":
      return fixedData(kind, cells, instants(cells, new BigInt64Array(length)));
    default:
      return assertNever(kind);
  }
}

type FixedBuffer =
  | Uint8Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

function fixedData(kind: ListItemKind, cells: Cells, data: FixedBuffer): Data {
  return make(arrowType({ kind }), { length: cells.length, data, ...validity(cells) });
}

/**
 * Of a column without any value Arrow's writer leaves out the bits of a boolean, and Lance refuses a batch that lacks
 * them. As bytes, which the writer copies as they are, the same buffers arrive; the batch's schema says what they are.
 */
function boolData(cells: Cells): Data {
  const data = bits(cells, (cell) => cell === true);
  const isEmpty = cells.every((cell) => cell === null);
  const type = isEmpty ? new arrow.Uint8() : arrowType({ kind: "bool" });
  return make(type, { length: cells.length, data, ...validity(cells) });
}

function numbers<T extends Int32Array | Uint32Array | Float32Array | Float64Array>(cells: Cells, into: T): T {
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? null;
    if (cell === null) continue;
    assert(typeof cell === "number", "a number column holds numbers");
    into[index] = cell;
  }
  return into;
}

function integers<T extends BigInt64Array | BigUint64Array>(cells: Cells, into: T): T {
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? null;
    if (cell === null) continue;
    assert(typeof cell === "bigint", "a 64-bit integer column holds bigints");
    into[index] = cell;
  }
  return into;
}

function instants(cells: Cells, into: BigInt64Array): BigInt64Array {
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? null;
    if (cell === null) continue;
    assert(Number.isInteger(cell), "a datetime column holds whole milliseconds");
    into[index] = BigInt(Number(cell));
  }
  return into;
}

function textData(cells: Cells): Data {
  const texts = cells.map((cell) => {
    assert(cell === null || typeof cell === "string", "a text column holds text");
    return cell ?? "";
  });
  const { data, valueOffsets } = encoded(texts);
  return make(new arrow.Utf8(), { length: cells.length, data, valueOffsets, ...validity(cells) });
}

/** One encoding of the joined text is many times faster than one a value. */
function encoded(texts: readonly string[]): { readonly data: Uint8Array; readonly valueOffsets: Int32Array } {
  const joined = texts.join("");
  const data = Buffer.from(joined, "utf8");
  const isAscii = data.length === joined.length;
  const valueOffsets = offsets(texts, (text) => (isAscii ? text.length : Buffer.byteLength(text, "utf8")));
  if (valueOffsets[texts.length] === data.length) return { data, valueOffsets };
  // Half a surrogate pair at the end of one value and half at the start of the next joined to one character.
  return { data: Buffer.concat(texts.map((text) => Buffer.from(text, "utf8"))), valueOffsets };
}

function blobData(cells: Cells): Data {
  const blobs = cells.map((cell) => {
    assert(cell === null || cell instanceof Uint8Array, "a blob column holds bytes");
    return cell ?? new Uint8Array(0);
  });
  const valueOffsets = offsets(blobs, (blob) => blob.length);
  const data = Buffer.concat(blobs);
  return make(new arrow.Binary(), { length: cells.length, data, valueOffsets, ...validity(cells) });
}

function vectorData(dimension: number, cells: Cells): Data {
  const elements = new Float32Array(cells.length * dimension);
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index] ?? null;
    if (cell === null) continue;
    assert(cell instanceof Float32Array && cell.length === dimension, "a vector has its column's dimension");
    elements.set(cell, index * dimension);
  }
  const child = make(new arrow.Float32(), { length: elements.length, data: elements, nullCount: 0 });
  const type = arrowType({ kind: "vector", dimension });
  return make(type, { length: cells.length, child, ...validity(cells) });
}

function listData(item: ListItemKind, cells: Cells): Data {
  const lists = cells.map((cell) => {
    assert(cell === null || isList(cell), "a list column holds lists");
    return cell ?? [];
  });
  const valueOffsets = offsets(lists, (list) => list.length);
  const child = scalarData(item, lists.flat());
  return make(arrowType({ kind: "list", item }), {
    length: cells.length,
    valueOffsets,
    child,
    ...validity(cells),
  });
}

function isList(cell: Cell): cell is readonly Cell[] {
  return Array.isArray(cell);
}

function offsets<T>(values: readonly T[], size: (value: T) => number): Int32Array {
  const ends = new Int32Array(values.length + 1);
  let end = 0;
  for (const [index, value] of values.entries()) {
    end += size(value);
    ends[index + 1] = end;
  }
  return ends;
}

function bits(cells: Cells, isSet: (cell: Cell) => boolean): Uint8Array {
  const bytes = new Uint8Array((cells.length + 7) >> 3);
  for (let index = 0; index < cells.length; index += 1) {
    const byte = index >> 3;
    if (isSet(cells[index] ?? null)) bytes[byte] = (bytes[byte] ?? 0) | (1 << (index & 7));
  }
  return bytes;
}

interface Validity {
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array;
}

function validity(cells: Cells): Validity {
  const nullCount = cells.reduce<number>((count, cell) => (cell === null ? count + 1 : count), 0);
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap: bits(cells, (cell) => cell !== null) };
}

interface Buffers extends Partial<Validity> {
  readonly length: number;
  readonly data?: FixedBuffer;
  readonly valueOffsets?: Int32Array;
  readonly child?: Data;
}

/** Straight to the constructor: Arrow's `makeData` is typed by one overload a type, and ours is known at run time. */
function make(type: DataType, buffers: Buffers): Data {
  const { length, nullCount, nullBitmap, data, valueOffsets, child } = buffers;
  const { OFFSET, DATA, VALIDITY } = arrow.BufferType;
  const parts = {
    ...(valueOffsets && { [OFFSET]: valueOffsets }),
    ...(data && { [DATA]: data }),
    ...(nullBitmap && { [VALIDITY]: nullBitmap }),
  };
  return new arrow.Data(type, 0, length, nullCount, parts, child ? [child] : []);
}
