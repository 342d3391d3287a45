/**
 * The Arrow type of every kind of cell, and back. List items and vector elements are nullable fields named `item`, as
 * Lance itself names them; dates are days since the epoch in 32 bits, datetimes milliseconds in 64 bits without zone.
 *
 * Guarantees: pure; `cellType(arrowType(t))` is `t` for every cell type. A type that we never write gives null.
 */
import type { DataType, Field, Schema } from "apache-arrow";
import { assertNever } from "../../digest/assert.ts";
import type { CellType, Column, ListItemKind } from "../tables.ts";
import { arrow } from "./arrow.ts";

const ITEM = "item";
/** The columns that every row has a value in (tables.ts); all others are nullable in storage. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(["id", "src", "dst"]);

/** The stored field of a column: system columns are never null, all others may be. */
export function arrowField(column: Column): Field {
  return new arrow.Field(column.name, arrowType(column.type), !SYSTEM_COLUMNS.has(column.name));
}

/** The stored schema of columns, in their order. */
export function arrowSchema(columns: readonly Column[]): Schema {
  return new arrow.Schema(columns.map(arrowField));
}

/** The Arrow type that stores cells of the type. */
export function arrowType(type: CellType): DataType {
  switch (type.kind) {
    case "blob":
      return new arrow.Binary();
    case "vector":
      return new arrow.FixedSizeList(type.dimension, new arrow.Field(ITEM, new arrow.Float32(), true));
    case "list":
      return new arrow.List(new arrow.Field(ITEM, scalarType(type.item), true));
    default:
      return scalarType(type.kind);
  }
}

function scalarType(kind: ListItemKind): DataType {
  switch (kind) {
    case "utf8":
      return new arrow.Utf8();
    case "bool":
      return new arrow.Bool();
    case "i32":
      return new arrow.Int32();
    case "i64":
      return new arrow.Int64();
    case "u32":
      return new arrow.Uint32();
    case "u64":
      return new arrow.Uint64();
    case "f32":
      return new arrow.Float32();
    case "f64":
      return new arrow.Float64();
    case "date":
      return new arrow.DateDay();
    case "datetime":
      return new arrow.TimestampMillisecond();
    default:
      return assertNever(kind);
  }
}

/** What a stored Arrow type holds for us; null if no column of ours has it. */
export function cellType(type: DataType): CellType | null {
  const { DataType: types } = arrow;
  if (types.isBinary(type)) return { kind: "blob" };
  if (types.isFixedSizeList(type)) return { kind: "vector", dimension: type.listSize };
  if (types.isList(type)) {
    const [child] = type.children;
    const item = child ? itemKind(child.type) : null;
    return item ? { kind: "list", item } : null;
  }
  const kind = itemKind(type);
  return kind ? { kind } : null;
}

function itemKind(type: DataType): ListItemKind | null {
  const { DataType: types } = arrow;
  if (types.isUtf8(type)) return "utf8";
  if (types.isBool(type)) return "bool";
  if (types.isInt(type)) return integerKind(type.isSigned, type.bitWidth);
  if (types.isFloat(type)) return floatKind(type.precision);
  if (types.isDate(type) && type.unit === arrow.DateUnit.DAY) return "date";
  if (types.isTimestamp(type) && type.unit === arrow.TimeUnit.MILLISECOND) return "datetime";
  return null;
}

function integerKind(signed: boolean, bits: number): ListItemKind | null {
  if (bits === 32) return signed ? "i32" : "u32";
  if (bits === 64) return signed ? "i64" : "u64";
  return null;
}

function floatKind(precision: number): ListItemKind | null {
  if (precision === arrow.Precision.SINGLE) return "f32";
  if (precision === arrow.Precision.DOUBLE) return "f64";
  return null;
}
