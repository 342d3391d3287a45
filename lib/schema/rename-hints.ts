/** RenameHints: what @rename_from says, beside the shape and never part of it (spec/schema 6.1, 6.4). */
import type { Declarations } from "./declaration.ts";
import type { TypeKind } from "./migration.ts";
import type { Place } from "./reporter.ts";

export interface RenameHint {
  readonly from: string;
  readonly at: Place;
}

/** Keyed by `typeKey` and `propertyKey` of the desired names. */
export interface RenameHints {
  readonly types: ReadonlyMap<string, RenameHint>;
  readonly properties: ReadonlyMap<string, RenameHint>;
}

/** `node:Person`; also the entity names of migration steps and the keys of positions. */
export function typeKey(kind: TypeKind, name: string): string {
  return `${kind}:${name}`;
}

/** `node:Person.age`. */
export function propertyKey(kind: TypeKind, owner: string, name: string): string {
  return `${kind}:${owner}.${name}`;
}

/** Hints of injected properties count for the node, because it has the property from its interface. */
export function renameHintsOf(declarations: Declarations): RenameHints {
  const types = new Map<string, RenameHint>();
  const properties = new Map<string, RenameHint>();
  const { interfaces, nodes, edges } = declarations;
  for (const owner of [...interfaces, ...nodes, ...edges]) {
    const hint = "annotations" in owner ? findHint(owner.annotations) : null;
    if (hint !== null) types.set(typeKey(owner.kind, owner.name), hint);
    for (const property of owner.properties) {
      const own = findHint(property.annotations);
      if (own !== null) properties.set(propertyKey(owner.kind, owner.name, property.name), own);
    }
  }
  return { types, properties };
}

function findHint(
  annotations: readonly { readonly name: string; readonly value: string | null; readonly at: Place }[],
): RenameHint | null {
  const hint = annotations.find((each) => each.name === "rename_from");
  return hint?.value == null ? null : { from: hint.value, at: hint.at };
}
