/**
 * Edges: what depends on what, in the desired model and in the ledger together (spec/cluster 1.11, W32), so that the
 * blast radius of a delete is as visible as that of an update.
 */
import { type Address, parseAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import type { LedgerState } from "../ledger/state.ts";

export interface Edge {
  /** The dependent. */
  readonly from: Address;
  /** What it depends on. */
  readonly to: Address;
}

/** The edges that the entries of a ledger imply. */
export function ledgerEdges(state: LedgerState | null): readonly Edge[] {
  const edges: Edge[] = [];
  for (const [text, resource] of Object.entries(state?.applied_revision.resources ?? {})) {
    const address = parseAddress(text);
    if (address === null) continue;
    const from = text as Address;
    const to = (target: string) => edges.push({ from, to: target as Address });
    switch (address.kind) {
      case "graph":
        if (resource.embedding_provider !== undefined) to(resource.embedding_provider);
        break;
      case "schema":
        to(`graph.${address.graph}`);
        break;
      case "query":
        to(`graph.${address.graph}`);
        to(`schema.${address.graph}`);
        break;
      case "policy":
        for (const binding of resource.applies_to ?? []) if (binding !== "cluster") to(binding);
        break;
      case "embedding_provider":
        break;
      default:
        assertNever(address);
    }
  }
  return edges;
}

/** Every address that depends on `address`, directly or through others, in byte order, itself excluded. */
export function dependentsOf(
  address: Address,
  edges: ReadonlyMap<Address, readonly Address[]>,
): readonly Address[] {
  const seen = new Set<Address>();
  const open: Address[] = [address];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependent of edges.get(next) ?? []) {
      if (dependent === address || seen.has(dependent)) continue;
      seen.add(dependent);
      open.push(dependent);
    }
  }
  return [...seen].sort(compareBytes);
}

/** Dependents by what they depend on. */
export function edgesByTarget(edges: readonly Edge[]): ReadonlyMap<Address, readonly Address[]> {
  const byTarget = new Map<Address, Address[]>();
  for (const edge of edges) {
    const dependents = byTarget.get(edge.to);
    if (dependents === undefined) byTarget.set(edge.to, [edge.from]);
    else dependents.push(edge.from);
  }
  return byTarget;
}
