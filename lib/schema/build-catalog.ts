/** Checked declarations to the catalog that the query checker reads (spec/query 4). */
import type { Catalog, CatalogEdge, CatalogNode, CatalogProperty, EmbedSource } from "./catalog.ts";
import type { Declarations, DeclaredEdge, DeclaredNode, DeclaredProperty } from "./declaration.ts";
import { embedBinding, opaqueAnnotations } from "./property-semantics.ts";
import { constraintsOf } from "./shape.ts";

export function buildCatalog(declarations: Declarations): Catalog {
  return {
    nodes: new Map(declarations.nodes.map((each) => [each.name, catalogNode(each)])),
    edges: new Map(declarations.edges.map((each) => [each.name, catalogEdge(each)])),
  };
}

function catalogNode(node: DeclaredNode): CatalogNode {
  const constraints = constraintsOf(node);
  const keys = constraints.flatMap((each) => ("Key" in each ? [each.Key] : []));
  const indexes = constraints.flatMap((each) => ("Index" in each ? [each.Index] : []));
  return {
    name: node.name,
    properties: catalogProperties(node.properties),
    key: keys[0] ?? null,
    indexes: [...keys, ...indexes],
    embedSources: new Map(node.properties.flatMap(embedEntry)),
    implements: [...new Set(node.implements.map((each) => each.text))],
  };
}

function catalogEdge(edge: DeclaredEdge): CatalogEdge {
  return {
    name: edge.name,
    from: edge.from.text,
    to: edge.to.text,
    cardinality: edge.cardinality,
    properties: catalogProperties(edge.properties),
  };
}

function catalogProperties(properties: readonly DeclaredProperty[]): ReadonlyMap<string, CatalogProperty> {
  return new Map(
    properties.map(({ name, type, annotations }) => [
      name,
      { name, type, annotations: opaqueAnnotations(annotations) },
    ]),
  );
}

function embedEntry(property: DeclaredProperty): [string, EmbedSource][] {
  const binding = embedBinding(property);
  return binding === null ? [] : [[property.name, { source: binding.property_name, model: binding.model }]];
}
