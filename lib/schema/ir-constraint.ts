/** Constraints of an IR: their order, their identity, their shape form (spec/schema 6.2, 7.1). */
import { compareBytes } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type { FieldRef, IrConstraint } from "./ir.ts";
import type { ShapeConstraint } from "./migration.ts";

const ROLES = ["id", "src", "dst"];

/** System fields first, then properties by id. */
export function compareFields(a: FieldRef, b: FieldRef): number {
  return fieldRank(a) - fieldRank(b);
}

function fieldRank(field: FieldRef): number {
  return field.kind === "property" ? field.property_id : ROLES.indexOf(field.role) - ROLES.length;
}

export function constraintFields(constraint: IrConstraint): readonly FieldRef[] {
  return "field" in constraint ? [constraint.field] : constraint.fields;
}

/** By kind, then by the ids of the fields, then by bounds or pattern. */
export function compareConstraints(a: IrConstraint, b: IrConstraint): number {
  if (a.kind !== b.kind) return compareBytes(a.kind, b.kind);
  const [left, right] = [constraintFields(a), constraintFields(b)];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const order = compareFields(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareBytes(demand(a), demand(b));
}

/** A text that is equal for two constraints of one type exactly when they demand the same, whatever its names. */
export function constraintIdentity(constraint: IrConstraint): string {
  return compactJson([constraint.kind, constraintFields(constraint).map(fieldRank), demand(constraint)]);
}

function demand(constraint: IrConstraint): string {
  if (constraint.kind === "range") return compactJson([constraint.min, constraint.max]);
  return constraint.kind === "check" ? constraint.pattern : "";
}

export function fieldName(field: FieldRef): string {
  return field.kind === "property" ? field.property_name : field.role;
}

/** The form that migration steps carry: columns by name, sorted. */
export function toShapeConstraint(constraint: IrConstraint): ShapeConstraint {
  const columns = constraintFields(constraint).map(fieldName).sort(compareBytes);
  switch (constraint.kind) {
    case "key":
      return { Key: columns };
    case "unique":
      return { Unique: columns };
    case "index":
      return { Index: columns };
    case "range":
      return { Range: { property: columns[0]!, min: constraint.min, max: constraint.max } };
    case "check":
      return { Check: { property: columns[0]!, pattern: constraint.pattern } };
  }
}
