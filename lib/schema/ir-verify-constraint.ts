/** What valid constraints of an IR are: sound fields in canonical order (spec/schema 5, row 53). */
import type { FieldRef, IrConstraint, IrEdge, IrNode } from "./ir.ts";
import { compareConstraints, compareFields, constraintFields, fieldName } from "./ir-constraint.ts";

export type TableOwner =
  | { readonly kind: "node"; readonly type: IrNode }
  | { readonly kind: "edge"; readonly type: IrEdge };

export function verifyConstraints(owner: TableOwner): readonly string[] {
  const { constraints, name } = owner.type;
  const faults = constraints.flatMap((each) => verifyConstraint(owner, each));
  const ordered = constraints.every(
    (each, index) => index === 0 || compareConstraints(constraints[index - 1]!, each) < 0,
  );
  if (!ordered) faults.push(`the constraints of ${name} are not in order`);
  const keys = constraints.filter((each) => each.kind === "key").length;
  if (keys > (owner.kind === "node" ? 1 : 0)) faults.push(`${name} has too many keys`);
  return faults;
}

function verifyConstraint(owner: TableOwner, constraint: IrConstraint): readonly string[] {
  const fields = constraintFields(constraint);
  const faults = fields
    .filter((field) => !isSound(owner, field))
    .map((field) => `a constraint of ${owner.type.name} refers to ${fieldName(field)}, which does not fit`);
  if (fields.some((field, index) => index > 0 && compareFields(fields[index - 1]!, field) >= 0))
    faults.push(`the fields of a constraint of ${owner.type.name} are not in order`);
  return faults;
}

function isSound(owner: TableOwner, field: FieldRef): boolean {
  const { type } = owner;
  if (field.kind === "property")
    return (
      field.owner_type_id === type.type_id &&
      field.owner_type_name === type.name &&
      type.properties.some(
        (each) => each.property_id === field.property_id && each.name === field.property_name,
      )
    );
  return (
    owner.kind === "edge" &&
    field.role !== "id" &&
    field.stable_table_id === type.type_id &&
    field.table_type_name === type.name &&
    field.table_incarnation_id === type.table_incarnation_id
  );
}
