/**
 * MigrationPlan: the steps from an accepted schema to a desired one (spec/schema 7). JSON form as in spec/schema 7.
 *
 * `supported` is true exactly when no step is an `unsupported_change`. Names in steps are the desired ones, but
 * `drop_*` and `from` use the accepted ones.
 */
import type { Annotation, Bound } from "./ir.ts";
import type { PropType } from "./prop-type.ts";

export type TypeKind = "interface" | "node" | "edge";
export type DropMode = "soft" | "hard";

/** Externally tagged, columns sorted by name (spec/schema 6.1). */
export type ShapeConstraint =
  | { readonly Key: readonly string[] }
  | { readonly Unique: readonly string[] }
  | { readonly Index: readonly string[] }
  | { readonly Range: { readonly property: string; readonly min: Bound | null; readonly max: Bound | null } }
  | { readonly Check: { readonly property: string; readonly pattern: string } };

export type MigrationStep =
  | { readonly kind: "add_type"; readonly type_kind: TypeKind; readonly name: string }
  | { readonly kind: "rename_type"; readonly type_kind: TypeKind; readonly from: string; readonly to: string }
  | {
      readonly kind: "add_property";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly property_name: string;
      readonly property_type: PropType;
    }
  | {
      readonly kind: "rename_property";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly kind: "add_constraint";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly constraint: ShapeConstraint;
    }
  | {
      readonly kind: "drop_constraint";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly constraint: ShapeConstraint;
    }
  | {
      readonly kind: "relax_property";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly property_name: string;
    }
  | {
      readonly kind: "extend_enum";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly property_name: string;
      readonly added_values: readonly string[];
    }
  | {
      readonly kind: "update_type_metadata";
      readonly type_kind: TypeKind;
      readonly name: string;
      readonly annotations: readonly Annotation[];
    }
  | {
      readonly kind: "update_property_metadata";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly property_name: string;
      readonly annotations: readonly Annotation[];
    }
  | {
      readonly kind: "drop_type";
      readonly type_kind: TypeKind;
      readonly name: string;
      readonly mode: DropMode;
    }
  | {
      readonly kind: "drop_property";
      readonly type_kind: TypeKind;
      readonly type_name: string;
      readonly property_name: string;
      readonly mode: DropMode;
    }
  | {
      readonly kind: "unsupported_change";
      readonly entity: string;
      readonly reason: string;
      readonly code?: "OG-MF-103" | "OG-MF-106";
    };

export interface MigrationPlan {
  readonly supported: boolean;
  readonly steps: readonly MigrationStep[];
}
