/**
 * FactCollector: gathers what a query touches while it is checked (spec/query 9).
 *
 * Guarantees: the result is sorted and free of duplicates: nodes before edges, then by type, property and access.
 */
import { compareBytes } from "../digest/digest.ts";
import type { CatalogEdge } from "../schema/catalog.ts";
import type { FactAccess, FactKind, PropertyFact, TypeFact } from "./facts.ts";

function typeKey(kind: FactKind, type: string): string {
  return `${kind} ${type}`;
}

function compareTypes(a: TypeFact, b: TypeFact): number {
  if (a.kind !== b.kind) return a.kind === "node" ? -1 : 1;
  return compareBytes(a.type_name, b.type_name);
}

function compareProperties(a: PropertyFact, b: PropertyFact): number {
  return compareTypes(a, b) || compareBytes(a.property, b.property) || compareBytes(a.access, b.access);
}

export class FactCollector {
  private readonly readTypes = new Map<string, TypeFact>();
  private readonly writtenTypes = new Map<string, TypeFact>();
  private readonly touched = new Map<string, PropertyFact>();

  reads(kind: FactKind, type: string): void {
    this.readTypes.set(typeKey(kind, type), { kind, type_name: type });
  }

  writes(kind: FactKind, type: string): void {
    this.writtenTypes.set(typeKey(kind, type), { kind, type_name: type });
  }

  touches(kind: FactKind, type: string, property: string, access: FactAccess): void {
    const key = `${typeKey(kind, type)} ${property} ${access}`;
    if (!this.touched.has(key)) this.touched.set(key, { kind, type_name: type, property, access });
  }

  /** An edge, and the node types at its ends. */
  readsEdge(edge: CatalogEdge): void {
    this.reads("edge", edge.name);
    this.reads("node", edge.from);
    this.reads("node", edge.to);
  }

  get readFacts(): readonly TypeFact[] {
    return [...this.readTypes.values()].sort(compareTypes);
  }

  get writeFacts(): readonly TypeFact[] {
    return [...this.writtenTypes.values()].sort(compareTypes);
  }

  get propertyFacts(): readonly PropertyFact[] {
    return [...this.touched.values()].sort(compareProperties);
  }
}
