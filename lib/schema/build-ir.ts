/**
 * A shape and its ids to a SchemaIr (spec/schema 6.2). Declarations and properties stay sorted by name; lists of
 * references are sorted by id, so that renames never reorder them.
 */
import type { Identity } from "./allocate-identity.ts";
import type {
  FieldRef,
  IrConstraint,
  IrEdge,
  IrInterface,
  IrNode,
  IrProperty,
  PropertyRef,
  SchemaIr,
  TypeRef,
} from "./ir.ts";
import { compareConstraints, compareFields } from "./ir-constraint.ts";
import type { ShapeConstraint, TypeKind } from "./migration.ts";
import { propertyKey, typeKey } from "./rename-hints.ts";
import type { SchemaShape, ShapeEdge, ShapeNode, ShapeProperty } from "./shape.ts";

interface Owner {
  readonly kind: TypeKind;
  readonly name: string;
  readonly properties: readonly ShapeProperty[];
}

export function buildIr(shape: SchemaShape, identity: Identity, domain: string): SchemaIr {
  return {
    ir_version: 2,
    schema_identity_domain: domain,
    next_identity_id: identity.next,
    interfaces: shape.interfaces.map((each): IrInterface => {
      const owner: Owner = { kind: "interface", ...each };
      return { ...typeIdentity(identity, owner), properties: irProperties(identity, owner) };
    }),
    nodes: shape.nodes.map((each) => irNode(identity, each)),
    edges: shape.edges.map((each) => irEdge(identity, each)),
  };
}

function irNode(identity: Identity, node: ShapeNode): IrNode {
  const owner: Owner = { kind: "node", ...node };
  return {
    type_id: typeRef(identity, "node", node.name).type_id,
    table_incarnation_id: incarnationOf(identity, owner),
    name: node.name,
    annotations: node.annotations,
    implements: node.implements
      .map((name) => typeRef(identity, "interface", name))
      .sort((a, b) => a.type_id - b.type_id),
    properties: irProperties(identity, owner),
    constraints: irConstraints(identity, owner, node.constraints),
  };
}

function irEdge(identity: Identity, edge: ShapeEdge): IrEdge {
  const owner: Owner = { kind: "edge", ...edge };
  return {
    type_id: typeRef(identity, "edge", edge.name).type_id,
    table_incarnation_id: incarnationOf(identity, owner),
    name: edge.name,
    from_type: typeRef(identity, "node", edge.from_type),
    to_type: typeRef(identity, "node", edge.to_type),
    cardinality: edge.cardinality,
    annotations: edge.annotations,
    properties: irProperties(identity, owner),
    constraints: irConstraints(identity, owner, edge.constraints),
  };
}

function typeIdentity(identity: Identity, owner: Owner) {
  return { type_id: typeRef(identity, owner.kind, owner.name).type_id, name: owner.name };
}

function incarnationOf(identity: Identity, owner: Owner): number {
  return identity.incarnations.get(typeKey(owner.kind, owner.name))!;
}

function typeRef(identity: Identity, kind: TypeKind, name: string): TypeRef {
  return { type_id: identity.types.get(typeKey(kind, name))!, type_name: name };
}

function propertyRef(identity: Identity, kind: TypeKind, owner: string, name: string): PropertyRef {
  return {
    owner_type_id: identity.types.get(typeKey(kind, owner))!,
    owner_type_name: owner,
    property_id: identity.properties.get(propertyKey(kind, owner, name))!,
    property_name: name,
  };
}

function irProperties(identity: Identity, owner: Owner): readonly IrProperty[] {
  return owner.properties.map((each) => ({
    property_id: propertyRef(identity, owner.kind, owner.name, each.name).property_id,
    name: each.name,
    prop_type: each.prop_type,
    annotations: each.annotations,
    property_constraints: each.property_constraints,
    embed_source:
      each.embed_source === null
        ? null
        : {
            source: propertyRef(identity, owner.kind, owner.name, each.embed_source.property_name),
            model: each.embed_source.model,
          },
    declared_directly: each.declared_directly,
    satisfies_interface_properties: each.satisfies_interface_properties
      .map((origin) => propertyRef(identity, "interface", origin.owner_name, origin.property_name))
      .sort((a, b) => a.owner_type_id - b.owner_type_id || a.property_id - b.property_id),
  }));
}

function irConstraints(
  identity: Identity,
  owner: Owner,
  constraints: readonly ShapeConstraint[],
): readonly IrConstraint[] {
  const field = (column: string) => fieldRef(identity, owner, column);
  const fields = (columns: readonly string[]) => columns.map(field).sort(compareFields);
  const toIr = (each: ShapeConstraint): IrConstraint => {
    if ("Key" in each) return { kind: "key", fields: fields(each.Key) };
    if ("Unique" in each) return { kind: "unique", fields: fields(each.Unique) };
    if ("Index" in each) return { kind: "index", fields: fields(each.Index) };
    if ("Check" in each)
      return { kind: "check", field: field(each.Check.property), pattern: each.Check.pattern };
    const { property, min, max } = each.Range;
    return { kind: "range", field: field(property), min, max };
  };
  return constraints.map(toIr).sort(compareConstraints);
}

/** A column is a property of its owner, else one of the two ends of an edge (spec/schema 2.3). */
function fieldRef(identity: Identity, owner: Owner, column: string): FieldRef {
  if (owner.properties.some((each) => each.name === column))
    return { kind: "property", ...propertyRef(identity, owner.kind, owner.name, column) };
  return {
    kind: "system",
    stable_table_id: identity.types.get(typeKey(owner.kind, owner.name))!,
    table_type_name: owner.name,
    table_incarnation_id: incarnationOf(identity, owner),
    role: column === "src" ? "src" : "dst",
  };
}
