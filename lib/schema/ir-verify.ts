/**
 * What a valid SchemaIr is (spec/schema 5, row 53): one definition, asked before every write and after every read.
 */
import { isUlid } from "../digest/ids.ts";
import type { IrEdge, IrInterface, IrNode, IrProperty, SchemaIr, TypeRef } from "./ir.ts";
import { verifyConstraints } from "./ir-verify-constraint.ts";
import { verifyAnnotations, verifyNames } from "./ir-verify-name.ts";
import { verifyProperties } from "./ir-verify-property.ts";

/** Everything that is wrong with `ir`; empty if it is valid. */
export function verifyIr(ir: SchemaIr): readonly string[] {
  return [
    ...(isUlid(ir.schema_identity_domain) ? [] : ["the identity domain is not a canonical ULID"]),
    ...verifyIds(ir),
    ...[ir.interfaces, ir.nodes, ir.edges].flatMap(verifyNames),
    ...ir.interfaces.flatMap((each) => verifyProperties(ir, { kind: "interface", type: each })),
    ...ir.nodes.flatMap((each) => verifyNode(ir, each)),
    ...ir.edges.flatMap((each) => verifyEdge(ir, each)),
  ];
}

/** All ids of all kinds, in no order that matters. */
export function identityIds(ir: SchemaIr): readonly number[] {
  const tables = [...ir.nodes, ...ir.edges];
  const types: readonly (IrInterface | IrNode | IrEdge)[] = [...ir.interfaces, ...tables];
  return [
    ...types.flatMap((each) => [each.type_id, ...each.properties.map((property) => property.property_id)]),
    ...tables.map((each) => each.table_incarnation_id),
  ];
}

function verifyIds(ir: SchemaIr): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<number>();
  for (const id of identityIds(ir)) {
    if (!Number.isSafeInteger(id) || id < 1) faults.push(`id ${id} must be nonzero and whole`);
    if (seen.has(id)) faults.push(`id ${id} is given twice`);
    if (id >= ir.next_identity_id) faults.push(`id ${id} is not below the next id ${ir.next_identity_id}`);
    seen.add(id);
  }
  return faults;
}

function verifyNode(ir: SchemaIr, node: IrNode): readonly string[] {
  const interfaces = node.implements.flatMap((ref) => verifyTypeRef(ir.interfaces, ref, node.name));
  const ordered = node.implements.every(
    (ref, index) => index === 0 || node.implements[index - 1]!.type_id < ref.type_id,
  );
  return [
    ...verifyAnnotations(node.name, node.annotations),
    ...interfaces,
    ...(ordered ? [] : [`the interfaces of ${node.name} are not in order`]),
    ...verifyProperties(ir, { kind: "node", type: node }),
    ...verifyInterfaceLinks(ir, node),
    ...verifyConstraints({ kind: "node", type: node }),
  ];
}

function verifyEdge(ir: SchemaIr, edge: IrEdge): readonly string[] {
  const { min, max } = edge.cardinality;
  return [
    ...verifyAnnotations(edge.name, edge.annotations),
    ...[edge.from_type, edge.to_type].flatMap((ref) => verifyTypeRef(ir.nodes, ref, edge.name)),
    ...(max === null || min <= max ? [] : [`the cardinality of ${edge.name} has its min above its max`]),
    ...verifyProperties(ir, { kind: "edge", type: edge }),
    ...verifyConstraints({ kind: "edge", type: edge }),
  ];
}

function verifyTypeRef(
  types: readonly { readonly type_id: number; readonly name: string }[],
  ref: TypeRef,
  owner: string,
): readonly string[] {
  const target = types.find((each) => each.type_id === ref.type_id);
  return target?.name === ref.type_name
    ? []
    : [`${owner} refers to ${ref.type_name} (${ref.type_id}), which is not there`];
}

/** Every property of every implemented interface is satisfied by exactly one property of the node. */
function verifyInterfaceLinks(ir: SchemaIr, node: IrNode): readonly string[] {
  return node.implements.flatMap((ref) => {
    const contract = ir.interfaces.find((each) => each.type_id === ref.type_id);
    return (contract?.properties ?? []).flatMap((required) => {
      const satisfying = node.properties.filter((each) => satisfies(each, required.property_id));
      return satisfying.length === 1
        ? []
        : [`${node.name} is not linked to ${ref.type_name}.${required.name} exactly once`];
    });
  });
}

function satisfies(property: IrProperty, requiredId: number): boolean {
  return property.satisfies_interface_properties.some((link) => link.property_id === requiredId);
}
