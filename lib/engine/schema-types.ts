/**
 * Questions about a schema record that the verbs share: its node and edge types in the order of exports and counts,
 * and a type by id or name. Interfaces have no rows.
 */
import { compareBytes } from "../digest/digest.ts";
import type { IrEdge, IrNode, IrProperty, SchemaIr } from "../schema/ir.ts";
import type { TableKind } from "./column.ts";

export interface TableType {
  readonly kind: TableKind;
  readonly type_id: number;
  readonly name: string;
  readonly properties: readonly IrProperty[];
  readonly ir: IrNode | IrEdge;
}

/** Nodes before edges, each by name. */
export function tableTypes(schema: SchemaIr): readonly TableType[] {
  return [...sorted("node", schema.nodes), ...sorted("edge", schema.edges)];
}

export function typeById(schema: SchemaIr, typeId: number): TableType | undefined {
  return tableTypes(schema).find((type) => type.type_id === typeId);
}

export function typeByName(schema: SchemaIr, kind: TableKind, name: string): TableType | undefined {
  return tableTypes(schema).find((type) => type.kind === kind && type.name === name);
}

function sorted(kind: TableKind, types: readonly (IrNode | IrEdge)[]): readonly TableType[] {
  const tables = types.map((ir) => ({
    kind,
    type_id: ir.type_id,
    name: ir.name,
    properties: ir.properties,
    ir,
  }));
  return tables.sort((a, b) => compareBytes(a.name, b.name));
}
