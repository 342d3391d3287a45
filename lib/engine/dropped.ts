/**
 * What a migration hides or destroys, by stable ids: a type or property of the accepted schema that the desired one
 * lacks. Names play no part, because a rename is no drop. Pure.
 */
import type { SchemaIr } from "../schema/ir.ts";
import { columnName } from "./column.ts";
import { tableTypes, typeById } from "./schema-types.ts";

export interface Dropped {
  readonly types: ReadonlySet<number>;
  /** Columns of the types that stay, by type id. */
  readonly columns: ReadonlyMap<number, ReadonlySet<string>>;
}

export function droppedBetween(accepted: SchemaIr, desired: SchemaIr): Dropped {
  const types = new Set<number>();
  const columns = new Map<number, ReadonlySet<string>>();
  for (const before of tableTypes(accepted)) {
    const after = typeById(desired, before.type_id);
    if (!after) {
      types.add(before.type_id);
      continue;
    }
    const kept = new Set(after.properties.map((property) => property.property_id));
    const gone = before.properties.filter((property) => !kept.has(property.property_id));
    if (gone.length > 0) {
      columns.set(before.type_id, new Set(gone.map((property) => columnName(property.property_id))));
    }
  }
  return { types, columns };
}
