/**
 * QueryScope: which stored queries of a graph a rule is about (spec/policy 5.2).
 *
 * Guarantees: pure. A name with a `*` is a glob in which each `*` stands for any text, the empty one included; every
 * other name is exact.
 */
export const QUERY_KINDS = ["any", "read", "mutation"] as const;
export type QueryKind = (typeof QUERY_KINDS)[number];

export interface QueryScope {
  /** Null: all of them. */
  readonly names: readonly string[] | null;
  /** Null: none. */
  readonly except: readonly string[] | null;
  readonly kind: QueryKind;
}

/** A stored query of a graph, as far as policies look at it. */
export interface QueryRef {
  readonly name: string;
  readonly mutation: boolean;
}

/** True if `name` is a pattern and not a name. */
export function isGlob(name: string): boolean {
  return name.includes("*");
}

/** The texts between the `*` of a glob; at least two. */
export function globParts(glob: string): readonly string[] {
  return glob.split("*");
}

/** True if `pattern`, exact or glob, is about the query `name`. */
export function matchesName(pattern: string, name: string): boolean {
  return matchesParts(globParts(pattern), name);
}

/** True if `name` is made of `parts` with any text between them; a single part must be the name itself. */
export function matchesParts(parts: readonly string[], name: string): boolean {
  const first = parts[0] ?? "";
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return name === first;
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last))
    return false;
  const end = name.length - last.length;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}

/** True if a rule with `scope` is about `query`. */
export function fitsScope(scope: QueryScope, query: QueryRef): boolean {
  const named = scope.names?.some((each) => matchesName(each, query.name)) ?? true;
  const excepted = scope.except?.some((each) => matchesName(each, query.name)) ?? false;
  return named && !excepted && (scope.kind === "any" || (scope.kind === "mutation") === query.mutation);
}
