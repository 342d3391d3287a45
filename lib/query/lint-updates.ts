/** L201: nullable properties that no update of their type assigns (spec/query 8.1). */
import { compareBytes } from "../digest/digest.ts";
import type { Catalog, CatalogNode } from "../schema/catalog.ts";
import type { LintedQuery, LintFinding } from "./lint.ts";

interface Updates {
  readonly assigned: Set<string>;
  readonly queries: Set<string>;
}

/** One finding a property, for each type that at least one valid query updates. */
export function updatedProperties(catalog: Catalog, linted: readonly LintedQuery[]): readonly LintFinding[] {
  const byType = updatesByType(linted);
  const findings: LintFinding[] = [];
  for (const [name, updates] of byType) {
    const node = catalog.nodes.get(name);
    if (node === undefined) continue;
    const queries = [...updates.queries].sort(compareBytes);
    for (const property of neverAssigned(node, updates)) {
      findings.push({
        severity: "warning",
        code: "L201",
        message: `nullable property \`${name}.${property}\` exists in the schema, but no update query sets it`,
        type_name: name,
        property,
        query_names: queries,
      });
    }
  }
  return findings;
}

function updatesByType(linted: readonly LintedQuery[]): ReadonlyMap<string, Updates> {
  const byType = new Map<string, Updates>();
  for (const { query, checked } of linted) {
    if (checked.tag === "invalid" || query.body.kind === "read") continue;
    for (const mutation of query.body.mutations) {
      if (mutation.kind !== "update") continue;
      const updates = byType.get(mutation.type.text) ?? { assigned: new Set(), queries: new Set() };
      byType.set(mutation.type.text, updates);
      updates.queries.add(query.name.text);
      for (const { property } of mutation.assignments) updates.assigned.add(property.text);
    }
  }
  return byType;
}

function neverAssigned(node: CatalogNode, updates: Updates): readonly string[] {
  return [...node.properties.values()]
    .filter(
      ({ name, type }) =>
        type.nullable &&
        node.key?.includes(name) !== true &&
        !node.embedSources.has(name) &&
        !updates.assigned.has(name),
    )
    .map(({ name }) => name);
}
