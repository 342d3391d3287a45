/** PolicyScope: what an engine decides about: the server and its cluster, or one graph (spec/policy 2.1, 3, 5.4). */
import { assertNever } from "../digest/assert.ts";

export type PolicyScope =
  /** `cluster`: the name of the cluster; not known where a bundle is only checked. */
  | { readonly kind: "server"; readonly cluster?: string }
  /** `graph`: a graph id. */
  | { readonly kind: "graph"; readonly graph: string };

/** The scope that the normalised binding `binding` names: `cluster` or `graph.<id>`; null for anything else. */
export function scopeOfBinding(binding: string): PolicyScope | null {
  if (binding === "cluster") return { kind: "server" };
  const graph = binding.startsWith("graph.") ? binding.slice("graph.".length) : "";
  return graph === "" ? null : { kind: "graph", graph };
}

/** The binding that names `scope`, as the ledger records it. */
export function bindingOf(scope: PolicyScope): string {
  switch (scope.kind) {
    case "server":
      return "cluster";
    case "graph":
      return `graph.${scope.graph}`;
    default:
      return assertNever(scope);
  }
}
