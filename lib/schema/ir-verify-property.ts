/** What valid properties of an IR are: types, links to interfaces, embeddings (spec/schema 5, row 53). */
import { compareBytes } from "../digest/digest.ts";
import type { IrEdge, IrInterface, IrNode, IrProperty, PropertyRef, SchemaIr } from "./ir.ts";
import { verifyAnnotations, verifyNames } from "./ir-verify-name.ts";
import { sameType } from "./prop-type.ts";

export type IrOwner =
  | { readonly kind: "interface"; readonly type: IrInterface }
  | { readonly kind: "node"; readonly type: IrNode }
  | { readonly kind: "edge"; readonly type: IrEdge };

const CONSTRAINT_ORDER = ["key", "unique", "index"];

export function verifyProperties(ir: SchemaIr, owner: IrOwner): readonly string[] {
  return [
    ...verifyNames(owner.type.properties),
    ...owner.type.properties.flatMap((property) => [
      ...verifyAnnotations(`${owner.type.name}.${property.name}`, property.annotations),
      ...verifyType(owner, property),
      ...verifyOrigins(ir, owner, property),
      ...verifyEmbed(owner, property),
    ]),
  ];
}

function verifyType(owner: IrOwner, property: IrProperty): readonly string[] {
  const where = `${owner.type.name}.${property.name}`;
  const { enum_values: values, list, scalar } = property.prop_type;
  const faults: string[] = [];
  if (values !== null) {
    const ordered = values.every(
      (value, index) => index === 0 || compareBytes(values[index - 1]!, value) < 0,
    );
    if (values.length === 0 || !ordered || scalar !== "String" || list)
      faults.push(`the enum of ${where} is not a sorted set of strings`);
  }
  if (list && (scalar === "Blob" || typeof scalar === "object"))
    faults.push(`${where} is a list of something that lists cannot hold`);
  const ranks = property.property_constraints.map((each) => CONSTRAINT_ORDER.indexOf(each));
  if (ranks.some((rank, index) => index > 0 && ranks[index - 1]! >= rank))
    faults.push(`the constraints of ${where} are not in order`);
  return faults;
}

function verifyOrigins(ir: SchemaIr, owner: IrOwner, property: IrProperty): readonly string[] {
  const where = `${owner.type.name}.${property.name}`;
  const links = property.satisfies_interface_properties;
  if (owner.kind !== "node")
    return links.length === 0 && property.declared_directly
      ? []
      : [`${where} claims to come from an interface`];
  const faults: string[] = [];
  if (!property.declared_directly && links.length === 0)
    faults.push(`${where} is injected and comes from no interface`);
  if (links.some((link, index) => index > 0 && compareRefs(links[index - 1]!, link) >= 0))
    faults.push(`the interface links of ${where} are not in order`);
  for (const link of links)
    if (!isSatisfied(ir, owner.type, property, link)) faults.push(dangling(where, link));
  return faults;
}

function isSatisfied(ir: SchemaIr, node: IrNode, property: IrProperty, link: PropertyRef): boolean {
  const contract = ir.interfaces.find((each) => each.type_id === link.owner_type_id);
  const required = contract?.properties.find((each) => each.property_id === link.property_id);
  return (
    contract?.name === link.owner_type_name &&
    required?.name === link.property_name &&
    required.name === property.name &&
    sameType(required.prop_type, property.prop_type) &&
    node.implements.some((ref) => ref.type_id === link.owner_type_id)
  );
}

function verifyEmbed(owner: IrOwner, property: IrProperty): readonly string[] {
  if (property.embed_source === null) return [];
  const where = `${owner.type.name}.${property.name}`;
  if (owner.kind === "edge") return [`${where} is an edge property with an embedding`];
  const { source } = property.embed_source;
  const target = owner.type.properties.find((each) => each.property_id === source.property_id);
  const sound =
    source.owner_type_id === owner.type.type_id &&
    source.owner_type_name === owner.type.name &&
    target?.name === source.property_name;
  return sound ? [] : [dangling(where, source)];
}

function compareRefs(a: PropertyRef, b: PropertyRef): number {
  return a.owner_type_id - b.owner_type_id || a.property_id - b.property_id;
}

function dangling(where: string, ref: PropertyRef): string {
  return `${where} refers to ${ref.owner_type_name}.${ref.property_name} (${ref.property_id}), which does not fit`;
}
