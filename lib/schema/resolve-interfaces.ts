/**
 * Interfaces into nodes: the effective properties of every node (spec/schema 2.2; section 5, rows 14 and 15).
 *
 * Declared properties keep their order, injected ones follow in the order of `implements`.
 */
import {
  type Declarations,
  type DeclaredInterface,
  type DeclaredNode,
  type DeclaredProperty,
  findProperty,
} from "./declaration.ts";
import { displayType, sameType } from "./prop-type.ts";
import type { Reporter } from "./reporter.ts";

export function resolveInterfaces(declarations: Declarations, reporter: Reporter): Declarations {
  const interfaces = new Map([...declarations.interfaces].reverse().map((each) => [each.name, each]));
  const nodes = declarations.nodes.map((node) => resolveNode(node, interfaces, reporter));
  return { ...declarations, nodes };
}

function resolveNode(
  node: DeclaredNode,
  interfaces: ReadonlyMap<string, DeclaredInterface>,
  reporter: Reporter,
): DeclaredNode {
  const properties = [...node.properties];
  const listed = new Set<string>();
  for (const { text, ...at } of node.implements) {
    const contract = interfaces.get(text);
    if (contract === undefined)
      reporter.report(
        "schema_interface_unknown",
        at,
        `node ${node.name} implements unknown interface ${text}`,
      );
    if (contract === undefined || listed.has(text)) continue;
    listed.add(text);
    for (const property of contract.properties) satisfy(node, properties, contract, property, reporter);
  }
  return { ...node, properties };
}

/** Adds `required` to the node, or notes that a property of the node satisfies it. */
function satisfy(
  node: DeclaredNode,
  properties: DeclaredProperty[],
  contract: DeclaredInterface,
  required: DeclaredProperty,
  reporter: Reporter,
): void {
  const origin = { owner_name: contract.name, property_name: required.name };
  const present = findProperty(properties, required.name);
  if (present === undefined) {
    properties.push({ ...required, declaredDirectly: false, origins: [origin] });
    return;
  }
  if (!sameType(present.type, required.type)) {
    const message =
      `property ${node.name}.${required.name} has type ${displayType(present.type)}, ` +
      `but interface ${contract.name} declares it as ${displayType(required.type)}`;
    reporter.report("schema_interface_type", present.declaredDirectly ? present.at : node.at, message);
    return;
  }
  properties[properties.indexOf(present)] = { ...present, origins: [...present.origins, origin] };
}
