/**
 * RowShape: one node or edge type as the row codec needs it, compiled once from the schema record: decoders, rules,
 * key and unique tuples, in the order of the record.
 *
 * Guarantees: pure. Edge names resolve exactly first, then in lower case (spec/schema 2.3); key columns are ordered
 * by stable property id, so that renames never change an identity (spec/schema 4.1).
 */
import { assert, assertNever } from "../../digest/assert.ts";
import type { FieldRef, IrConstraint, IrEdge, IrNode, IrProperty, SchemaIr } from "../../schema/ir.ts";
import type { PropType } from "../../schema/prop-type.ts";
import { propertyColumn } from "../column.ts";
import type { Column } from "../tables.ts";
import { type CellRule, checkRule, rangeRule } from "./constraints.ts";
import { cellDecoder } from "./decode-cell.ts";
import type { CellDecoder } from "./decoded.ts";
import { type UniqueRule, uniqueRules } from "./unique-rule.ts";

export interface RowProperty {
  readonly name: string;
  /** `Person.age`, as messages name it. */
  readonly label: string;
  readonly type: PropType;
  readonly column: Column;
  readonly decode: CellDecoder;
  readonly rules: readonly CellRule[];
}

interface RowShapeBase {
  readonly type_id: number;
  readonly name: string;
  /** In the order of the schema record; cells of a row have the same order. */
  readonly properties: readonly RowProperty[];
  /** Index into `properties` by name. */
  readonly index: ReadonlyMap<string, number>;
  readonly uniques: readonly UniqueRule[];
}

export interface NodeShape extends RowShapeBase {
  readonly kind: "node";
  /** Indexes into `properties`, ordered by property id; null for a type without a key. */
  readonly key: readonly number[] | null;
}

export interface EdgeShape extends RowShapeBase {
  readonly kind: "edge";
  readonly from: NodeShape;
  readonly to: NodeShape;
  readonly min: number;
  readonly max: number | null;
}

export type RowShape = NodeShape | EdgeShape;

export interface GraphShape {
  readonly nodes: ReadonlyMap<string, NodeShape>;
  readonly edges: ReadonlyMap<string, EdgeShape>;
}

/** Compiles an accepted schema; it has passed the schema check, so nothing here can fail. */
export function graphShape(ir: SchemaIr): GraphShape {
  const nodes = new Map(ir.nodes.map((node) => [node.name, nodeShape(node)]));
  const nodesById = new Map([...nodes.values()].map((node) => [node.type_id, node]));
  const edges = new Map(ir.edges.map((edge) => [edge.name, edgeShape(edge, nodesById)]));
  return { nodes, edges };
}

/** The edge type that a line means. */
export function edgeByName(shape: GraphShape, written: string): EdgeShape | undefined {
  const exact = shape.edges.get(written);
  if (exact) return exact;
  const wanted = written.toLowerCase();
  for (const edge of shape.edges.values()) if (edge.name.toLowerCase() === wanted) return edge;
  return undefined;
}

function nodeShape(node: IrNode): NodeShape {
  const base = shapeBase(node);
  const key = keyIndexes(node);
  return { kind: "node", ...base, key, uniques: uniqueRules(node, base.properties, key) };
}

function edgeShape(edge: IrEdge, nodes: ReadonlyMap<number, NodeShape>): EdgeShape {
  const base = shapeBase(edge);
  const from = nodes.get(edge.from_type.type_id);
  const to = nodes.get(edge.to_type.type_id);
  assert(from !== undefined && to !== undefined, "an accepted edge type joins node types of its schema");
  const { min, max } = edge.cardinality;
  return { kind: "edge", ...base, uniques: uniqueRules(edge, base.properties, null), from, to, min, max };
}

function shapeBase(type: IrNode | IrEdge): Omit<RowShapeBase, "uniques"> {
  const properties = type.properties.map((property) => rowProperty(type, property));
  const index = new Map(properties.map((property, at) => [property.name, at]));
  return { type_id: type.type_id, name: type.name, properties, index };
}

function rowProperty(owner: IrNode | IrEdge, property: IrProperty): RowProperty {
  return {
    name: property.name,
    label: `${owner.name}.${property.name}`,
    type: property.prop_type,
    column: propertyColumn(property),
    decode: cellDecoder(property.prop_type),
    rules: owner.constraints.flatMap((constraint) => cellRule(property, constraint)),
  };
}

function cellRule(property: IrProperty, constraint: IrConstraint): readonly CellRule[] {
  switch (constraint.kind) {
    case "range":
      return isAbout(constraint.field, property) ? [rangeRule(property.prop_type, constraint)] : [];
    case "check":
      return isAbout(constraint.field, property) ? [checkRule(property.prop_type, constraint)] : [];
    case "key":
    case "unique":
    case "index":
      return [];
    default:
      return assertNever(constraint);
  }
}

function isAbout(field: FieldRef, property: IrProperty): boolean {
  return field.kind === "property" && field.property_id === property.property_id;
}

function keyIndexes(node: IrNode): readonly number[] | null {
  const key = node.constraints.find((constraint) => constraint.kind === "key");
  if (key?.kind !== "key") return null;
  const ids = key.fields.flatMap((field) => (field.kind === "property" ? [field.property_id] : []));
  return ids
    .sort((a, b) => a - b)
    .map((id) => node.properties.findIndex((property) => property.property_id === id));
}
