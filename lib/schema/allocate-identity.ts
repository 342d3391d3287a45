/**
 * Ids for what is new (spec/schema 6.3): one counter; types by kind and name, then properties by owner id and name,
 * then incarnations by type id.
 */
import { compareBytes } from "../digest/digest.ts";
import { desiredTypes, type IdentityMatches } from "./match-identity.ts";
import { propertyKey, typeKey } from "./rename-hints.ts";
import type { SchemaShape } from "./shape.ts";

export interface Identity {
  /** By `typeKey`. */
  readonly types: ReadonlyMap<string, number>;
  /** By `propertyKey`. */
  readonly properties: ReadonlyMap<string, number>;
  /** By `typeKey`, nodes and edges only. */
  readonly incarnations: ReadonlyMap<string, number>;
  /** The first id that was never given. */
  readonly next: number;
}

export function allocateIdentity(shape: SchemaShape, matches: IdentityMatches, firstFree: number): Identity {
  const desired = desiredTypes(shape);
  let next = firstFree;
  const types = new Map<string, number>();
  for (const { kind, name } of desired) {
    const key = typeKey(kind, name);
    types.set(key, matches.types.get(key)?.type_id ?? next++);
  }
  const byId = desired
    .map((each) => ({ ...each, key: typeKey(each.kind, each.name) }))
    .sort((a, b) => types.get(a.key)! - types.get(b.key)!);
  const properties = new Map<string, number>();
  for (const { kind, name, properties: own } of byId)
    for (const property of [...own].sort((a, b) => compareBytes(a.name, b.name))) {
      const key = propertyKey(kind, name, property.name);
      properties.set(key, matches.properties.get(key)?.property_id ?? next++);
    }
  const incarnations = new Map<string, number>();
  for (const { kind, key } of byId) {
    if (kind === "interface") continue;
    const continued = matches.types.get(key);
    const kept =
      continued !== undefined && "table_incarnation_id" in continued ? continued.table_incarnation_id : null;
    incarnations.set(key, kept ?? next++);
  }
  return { types, properties, incarnations, next };
}
