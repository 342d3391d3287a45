/**
 * Scope: the variables that a match block binds, and the shape of that block (spec/query 5.7, 5.10, 11.2).
 *
 * Guarantees: a scope sees the variables of the scopes around it and nothing of the scopes inside it. `_` is never
 * bound (spec/query 5.7).
 */
import type { CatalogEdge, CatalogNode } from "../schema/catalog.ts";
import type { Filter, Traversal } from "./ast.ts";

/** The variable that is written where nobody needs a name. */
export const ANONYMOUS = "_";

export type Bound =
  | { readonly kind: "node"; readonly node: CatalogNode }
  | { readonly kind: "edge"; readonly edge: CatalogEdge }
  /** Bound to something that has been reported already. */
  | { readonly kind: "unknown" };

export class Scope {
  readonly parent: Scope | null;
  private readonly bound = new Map<string, Bound>();
  /** Variables with a binding of their own in this block, in source order. */
  readonly declared: string[] = [];
  readonly traversals: Traversal[] = [];
  readonly filters: Filter[] = [];
  /** Names that negations of this block, however deep, have bound for themselves so far. */
  readonly negated = new Set<string>();

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  lookup(name: string): Bound | undefined {
    return this.bound.get(name) ?? this.parent?.lookup(name);
  }

  /** True if a scope around this one binds the name. */
  isOuter(name: string): boolean {
    return this.parent?.lookup(name) !== undefined;
  }

  bind(name: string, bound: Bound): void {
    this.bound.set(name, bound);
  }

  /** The names this block binds itself. */
  localNames(): Iterable<string> {
    return this.bound.keys();
  }

  /** Every name that can be seen from here. */
  visibleNames(): readonly string[] {
    return [...(this.parent?.visibleNames() ?? []), ...this.bound.keys()];
  }
}
