/**
 * What one schema declares as a whole: stages S, R, K and E of spec/schema 5, rows 40 to 45 and 54 to 57.
 *
 * These run before anything is stored, so that nothing is planned that apply would refuse (spec/schema 10.6).
 */
import type {
  Declarations,
  DeclaredEdge,
  DeclaredInterface,
  DeclaredNode,
  DeclaredProperty,
} from "./declaration.ts";
import { propertySemantics } from "./property-semantics.ts";
import type { Place, Reporter } from "./reporter.ts";

type Owner = DeclaredInterface | DeclaredNode | DeclaredEdge;

/** Column names that every table has, and words that mutations use for the ends of an edge (spec/schema 3.5). */
const SYSTEM_NAMES: Readonly<Record<Owner["kind"], ReadonlySet<string>>> = {
  interface: new Set(["id"]),
  node: new Set(["id"]),
  edge: new Set(["id", "src", "dst", "from", "to"]),
};

export function checkCatalog(declarations: Declarations, reporter: Reporter): void {
  const { interfaces, nodes, edges } = declarations;
  for (const group of [interfaces, nodes, edges]) checkNames(group, reporter);
  checkEdgeCase(edges, reporter);
  for (const owner of [...interfaces, ...nodes, ...edges]) checkProperties(owner, reporter);
  for (const node of nodes) {
    checkInterfaceSemantics(node, declarations.interfaces, reporter);
    checkKeyColumns(node, reporter);
  }
  const nodeNames = new Set(nodes.map((each) => each.name));
  for (const edge of edges)
    for (const end of [edge.from, edge.to])
      if (!nodeNames.has(end.text)) {
        const message = `edge ${edge.name} ends at ${end.text}, which is not a node type`;
        reporter.report("schema_endpoint_unknown", end, message);
      }
}

/** Row 40. */
function checkNames(group: readonly Owner[], reporter: Reporter): void {
  const seen = new Set<string>();
  for (const owner of group) {
    if (seen.has(owner.name))
      reporter.report("schema_type_repeated", owner.at, `duplicate ${owner.kind} type ${owner.name}`);
    seen.add(owner.name);
  }
}

/** Row 54. */
function checkEdgeCase(edges: readonly DeclaredEdge[], reporter: Reporter): void {
  const folded = new Map<string, string>();
  for (const edge of edges) {
    const word = edge.name.toLowerCase();
    const other = folded.get(word);
    if (other !== undefined && other !== edge.name) {
      const message = `edges ${other} and ${edge.name} have the same name after case folding`;
      reporter.report("schema_edge_case_collision", edge.at, message);
    }
    folded.set(word, other ?? edge.name);
  }
}

/** Rows 41, 44 and 56. */
function checkProperties(owner: Owner, reporter: Reporter): void {
  const seen = new Set<string>();
  for (const { name, at } of owner.properties) {
    if (seen.has(name))
      reporter.report("schema_property_repeated", at, `duplicate property ${owner.name}.${name}`);
    seen.add(name);
    if (SYSTEM_NAMES[owner.kind].has(name)) {
      const message = `property ${owner.name}.${name} has the name of a system field of every ${owner.kind}`;
      reporter.report("schema_property_system", at, message);
    }
  }
}

/** Row 43: interfaces that inject one property must mean the same by it. */
function checkInterfaceSemantics(
  node: DeclaredNode,
  interfaces: readonly DeclaredInterface[],
  reporter: Reporter,
): void {
  for (const property of node.properties) {
    if (property.declaredDirectly || property.origins.length < 2) continue;
    const sources = property.origins.flatMap((origin) =>
      sourceProperty(interfaces, origin.owner_name, property),
    );
    if (new Set(sources.map(propertySemantics)).size < 2) continue;
    const names = property.origins.map((origin) => origin.owner_name).join(" and ");
    const at: Place =
      node.implements.find((each) => each.text === property.origins[1]?.owner_name) ?? node.at;
    const message = `interfaces ${names} give ${node.name}.${property.name} incompatible property semantics`;
    reporter.report("schema_interface_semantics", at, message);
  }
}

function sourceProperty(
  interfaces: readonly DeclaredInterface[],
  owner: string,
  property: DeclaredProperty,
): readonly DeclaredProperty[] {
  const contract = interfaces.find((each) => each.name === owner);
  return contract?.properties.filter((each) => each.name === property.name) ?? [];
}

/** Row 55. */
function checkKeyColumns(node: DeclaredNode, reporter: Reporter): void {
  for (const rule of node.rules) {
    if (rule.kind !== "key") continue;
    const seen = new Set<string>();
    for (const column of rule.columns) {
      if (seen.has(column.text)) {
        const message = `@key of node ${node.name} repeats property ${column.text}; columns must reference declared properties once`;
        reporter.report("schema_key_system_field", column, message);
      }
      seen.add(column.text);
    }
  }
}
