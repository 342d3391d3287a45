/**
 * QueryFacts: what one stored query is and touches, as JSON (spec/query 7, 9). Small enough to be kept per
 * (schema digest, query file digest), so that an unchanged pair is neither parsed nor checked again (design 12).
 */
export type FactKind = "node" | "edge";
export type FactAccess = "read" | "write" | "required" | "search" | "rank";

export interface TypeFact {
  readonly kind: FactKind;
  readonly type_name: string;
}

/** `property` is the schema's property name, or `from` / `to` for the ends of an edge. */
export interface PropertyFact {
  readonly kind: FactKind;
  readonly type_name: string;
  readonly property: string;
  readonly access: FactAccess;
}

export interface QueryParameter {
  readonly name: string;
  /** Canonical type text: `String`, `[I32]`, `Vector(3)`. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface ResultField {
  readonly name: string;
  /** `string` `bool` `int` `bigint` `float` `date` `datetime` `blob` `vector` `list` `object` (spec/query 7). */
  readonly kind: string;
  readonly nullable: boolean;
  readonly vector_dim?: number;
  readonly item_kind?: string;
}

export interface QueryFacts {
  readonly name: string;
  readonly kind: "read" | "mutation";
  readonly description: string | null;
  readonly instruction: string | null;
  readonly parameters: readonly QueryParameter[];
  readonly result: readonly ResultField[];
  /** Nodes before edges, then by name; no duplicates. */
  readonly reads: readonly TypeFact[];
  readonly writes: readonly TypeFact[];
  readonly properties: readonly PropertyFact[];
}
