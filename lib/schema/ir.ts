/**
 * SchemaIr: an accepted schema with stable identities (spec/schema 6.2, 6.3). Field order is the JSON order.
 *
 * Ids come from one counter for all kinds, start at 1 and are never reused. I64 values and bounds are exact: bound
 * integers are decimal text here, because JSON numbers are not (the compact JSON writes them as numbers).
 */
import type { PropType } from "./prop-type.ts";

export interface Annotation {
  readonly name: string;
  readonly value: string | null;
  /** Omitted from JSON when empty; sorted by key. */
  readonly kwargs?: Readonly<Record<string, string>>;
}

export interface TypeRef {
  readonly type_id: number;
  readonly type_name: string;
}

export interface PropertyRef {
  readonly owner_type_id: number;
  readonly owner_type_name: string;
  readonly property_id: number;
  readonly property_name: string;
}

export type FieldRef =
  | ({ readonly kind: "property" } & PropertyRef)
  | {
      readonly kind: "system";
      readonly stable_table_id: number;
      readonly table_type_name: string;
      readonly table_incarnation_id: number;
      readonly role: "id" | "src" | "dst";
    };

/** A numeric bound; `Integer` keeps its decimal text exactly, `Float` is a double. */
export type Bound = { readonly Integer: bigint } | { readonly Float: number };

export type IrConstraint =
  | { readonly kind: "key" | "unique" | "index"; readonly fields: readonly FieldRef[] }
  | {
      readonly kind: "range";
      readonly field: FieldRef;
      readonly min: Bound | null;
      readonly max: Bound | null;
    }
  | { readonly kind: "check"; readonly field: FieldRef; readonly pattern: string };

export type BareConstraint = "key" | "unique" | "index";

export interface IrProperty {
  readonly property_id: number;
  readonly name: string;
  readonly prop_type: PropType;
  readonly annotations: readonly Annotation[];
  readonly property_constraints: readonly BareConstraint[];
  readonly embed_source: { readonly source: PropertyRef; readonly model: string | null } | null;
  readonly declared_directly: boolean;
  readonly satisfies_interface_properties: readonly PropertyRef[];
}

export interface IrInterface {
  readonly type_id: number;
  readonly name: string;
  readonly properties: readonly IrProperty[];
}

export interface IrNode {
  readonly type_id: number;
  readonly table_incarnation_id: number;
  readonly name: string;
  readonly annotations: readonly Annotation[];
  readonly implements: readonly TypeRef[];
  readonly properties: readonly IrProperty[];
  readonly constraints: readonly IrConstraint[];
}

export interface Cardinality {
  readonly min: number;
  readonly max: number | null;
}

export interface IrEdge {
  readonly type_id: number;
  readonly table_incarnation_id: number;
  readonly name: string;
  readonly from_type: TypeRef;
  readonly to_type: TypeRef;
  readonly cardinality: Cardinality;
  readonly annotations: readonly Annotation[];
  readonly properties: readonly IrProperty[];
  readonly constraints: readonly IrConstraint[];
}

export interface SchemaIr {
  readonly ir_version: 2;
  readonly schema_identity_domain: string;
  readonly next_identity_id: number;
  readonly interfaces: readonly IrInterface[];
  readonly nodes: readonly IrNode[];
  readonly edges: readonly IrEdge[];
}
