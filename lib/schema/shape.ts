/**
 * SchemaShape: what a schema means without identities (spec/schema 6.1). Two texts mean the same exactly when their
 * shapes have one digest.
 *
 * Guarantees: pure data in canonical order, members in the order of the format; declaration order, comments, column
 * order inside constraints and rename hints are lost, everything else is kept.
 */
import { type Brand, compareBytes, sha256 } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type {
  Declarations,
  DeclaredEdge,
  DeclaredNode,
  DeclaredProperty,
  DeclaredRule,
  InterfaceOrigin,
} from "./declaration.ts";
import type { Annotation, BareConstraint, Cardinality } from "./ir.ts";
import type { ShapeConstraint } from "./migration.ts";
import type { PropType } from "./prop-type.ts";
import { bareConstraints, type EmbedBinding, embedBinding, opaqueAnnotations } from "./property-semantics.ts";
import { sortConstraints } from "./shape-constraint.ts";

export interface ShapeProperty {
  readonly name: string;
  readonly prop_type: PropType;
  readonly annotations: readonly Annotation[];
  readonly property_constraints: readonly BareConstraint[];
  readonly embed_source: EmbedBinding | null;
  readonly declared_directly: boolean;
  readonly satisfies_interface_properties: readonly InterfaceOrigin[];
}

export interface ShapeInterface {
  readonly name: string;
  readonly properties: readonly ShapeProperty[];
}

export interface ShapeNode {
  readonly name: string;
  readonly annotations: readonly Annotation[];
  readonly implements: readonly string[];
  readonly properties: readonly ShapeProperty[];
  readonly constraints: readonly ShapeConstraint[];
}

export interface ShapeEdge {
  readonly name: string;
  readonly from_type: string;
  readonly to_type: string;
  readonly cardinality: Cardinality;
  readonly annotations: readonly Annotation[];
  readonly properties: readonly ShapeProperty[];
  readonly constraints: readonly ShapeConstraint[];
}

export interface SchemaShape {
  readonly interfaces: readonly ShapeInterface[];
  readonly nodes: readonly ShapeNode[];
  readonly edges: readonly ShapeEdge[];
}

/** `sha256:` and 64 hex characters over the compact JSON of a shape. */
export type ShapeDigest = Brand<"ShapeDigest">;

/** The shape of checked declarations. */
export function shapeOf(declarations: Declarations): SchemaShape {
  return {
    interfaces: byName(declarations.interfaces).map((each) => ({
      name: each.name,
      properties: byName(each.properties).map(shapeProperty),
    })),
    nodes: byName(declarations.nodes).map(shapeNode),
    edges: byName(declarations.edges).map(shapeEdge),
  };
}

export function shapeDigest(shape: SchemaShape): ShapeDigest {
  return `sha256:${sha256(compactJson(shape))}` as ShapeDigest;
}

function shapeNode(node: DeclaredNode): ShapeNode {
  return {
    name: node.name,
    annotations: opaqueAnnotations(node.annotations),
    implements: [...new Set(node.implements.map((each) => each.text))].sort(compareBytes),
    properties: byName(node.properties).map(shapeProperty),
    constraints: constraintsOf(node),
  };
}

function shapeEdge(edge: DeclaredEdge): ShapeEdge {
  return {
    name: edge.name,
    from_type: edge.from.text,
    to_type: edge.to.text,
    cardinality: edge.cardinality,
    annotations: opaqueAnnotations(edge.annotations),
    properties: byName(edge.properties).map(shapeProperty),
    constraints: constraintsOf(edge),
  };
}

function shapeProperty(property: DeclaredProperty): ShapeProperty {
  return {
    name: property.name,
    prop_type: property.type,
    annotations: opaqueAnnotations(property.annotations),
    property_constraints: bareConstraints(property),
    embed_source: embedBinding(property),
    declared_directly: property.declaredDirectly,
    satisfies_interface_properties: [...property.origins].sort(
      (a, b) => compareBytes(a.owner_name, b.owner_name) || compareBytes(a.property_name, b.property_name),
    ),
  };
}

/** Bare and body constraints of a type in one canonical list. */
export function constraintsOf(owner: DeclaredNode | DeclaredEdge): readonly ShapeConstraint[] {
  const bare = owner.properties.flatMap((property) =>
    bareConstraints(property).map((kind) => columnConstraint(kind, [property.name])),
  );
  return sortConstraints([...bare, ...owner.rules.map(ruleConstraint)]);
}

function ruleConstraint(rule: DeclaredRule): ShapeConstraint {
  switch (rule.kind) {
    case "range":
      return { Range: { property: rule.property.text, min: rule.min, max: rule.max } };
    case "check":
      return { Check: { property: rule.property.text, pattern: rule.pattern } };
    default:
      return columnConstraint(
        rule.kind,
        rule.columns.map((each) => each.text),
      );
  }
}

function columnConstraint(kind: BareConstraint, names: readonly string[]): ShapeConstraint {
  const columns = [...new Set(names)].sort(compareBytes);
  switch (kind) {
    case "key":
      return { Key: columns };
    case "unique":
      return { Unique: columns };
    case "index":
      return { Index: columns };
  }
}

function byName<T extends { readonly name: string }>(list: readonly T[]): readonly T[] {
  return [...list].sort((a, b) => compareBytes(a.name, b.name));
}
