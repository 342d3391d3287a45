/**
 * Physical columns of a type (the contract of tables.ts): `id`, for edges also `src` and `dst`, and one column
 * `p<property id>` per property. A property's stable id names its column, so renames touch no data and a property
 * that is dropped and added again never shows old values (spec/schema 6.4).
 *
 * Guarantees: pure and total over every property type that the schema language admits.
 */
import { assert } from "../digest/assert.ts";
import type { IrProperty } from "../schema/ir.ts";
import { type BaseScalar, isVector } from "../schema/prop-type.ts";
import type { CellType, Column, ListItemKind } from "./tables.ts";

export type TableKind = "node" | "edge";

const ID: Column = { name: "id", type: { kind: "utf8" } };
const SRC: Column = { name: "src", type: { kind: "utf8" } };
const DST: Column = { name: "dst", type: { kind: "utf8" } };

const ITEM_KINDS: Readonly<Record<Exclude<BaseScalar, "Blob">, ListItemKind>> = {
  String: "utf8",
  Bool: "bool",
  I32: "i32",
  I64: "i64",
  U32: "u32",
  U64: "u64",
  F32: "f32",
  F64: "f64",
  Date: "date",
  DateTime: "datetime",
};

/** The columns that every dataset of the kind has from its first version on. */
export function systemColumns(kind: TableKind): readonly Column[] {
  return kind === "node" ? [ID] : [ID, SRC, DST];
}

export function columnName(propertyId: number): string {
  return `p${propertyId}`;
}

/** The column of one property. */
export function propertyColumn(property: IrProperty): Column {
  return { name: columnName(property.property_id), type: cellType(property) };
}

function cellType(property: IrProperty): CellType {
  const { scalar, list } = property.prop_type;
  if (isVector(scalar)) return { kind: "vector", dimension: scalar.Vector };
  if (scalar === "Blob") {
    assert(!list, "a list of blobs never passes the schema check");
    return { kind: "blob" };
  }
  const kind = ITEM_KINDS[scalar];
  return list ? { kind: "list", item: kind } : { kind };
}
