/** Dependency edges between desired resources (spec/cluster 1.11). */
import { assertNever } from "../digest/assert.ts";
import { type Address, graphAddress, parseAddress, schemaAddress } from "./address.ts";
import type { DesiredResource } from "./desired.ts";

/** `from` cannot be what it is without `to`. */
export interface Dependency {
  readonly from: Address;
  readonly to: Address;
}

/**
 * The edges of `resources`, which come in address order and hold no address twice; sorted by `from`, then `to`, and
 * unique because each resource lists its own targets in order. A target that is not declared gets no edge.
 */
export function dependenciesOf(resources: ReadonlyMap<Address, DesiredResource>): readonly Dependency[] {
  const edges: Dependency[] = [];
  for (const [from, resource] of resources) {
    for (const to of targetsOf(resource)) if (resources.has(to)) edges.push({ from, to });
  }
  return edges;
}

function targetsOf(resource: DesiredResource): readonly Address[] {
  switch (resource.kind) {
    case "graph":
      return resource.embedding_provider === null ? [] : [resource.embedding_provider];
    case "schema":
      return [graphAddress(resource.graph)];
    case "query":
      return [graphAddress(resource.graph), schemaAddress(resource.graph)];
    case "policy":
      return resource.applies_to.flatMap((target) => parseAddress(target)?.address ?? []);
    case "embedding_provider":
      return [];
    default:
      return assertNever(resource);
  }
}
