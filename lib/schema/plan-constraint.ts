/**
 * The steps of the constraints of one type (spec/schema 7.1 step 6, 7.2): what goes with dropped properties, one
 * refusal for all other removals, then additions.
 *
 * A constraint that a dropped property carried alone goes with it (spec/schema 10.10). A key stays: without it rows
 * would get other identities than those that edges refer to.
 */
import { compactJson } from "./compact-json.ts";
import type { IrConstraint, IrEdge, IrInterface, IrNode } from "./ir.ts";
import { constraintFields, constraintIdentity, fieldName, toShapeConstraint } from "./ir-constraint.ts";
import type { MigrationStep, ShapeConstraint, TypeKind } from "./migration.ts";
import { typeKey } from "./rename-hints.ts";

interface TypeOfKind {
  readonly kind: TypeKind;
  readonly type: IrInterface | IrNode | IrEdge;
}

export function planConstraints(before: TypeOfKind, after: TypeOfKind): readonly MigrationStep[] {
  const [old, next] = [constraintsOf(before.type), constraintsOf(after.type)];
  const [kept, known] = [identities(next), identities(old)];
  const removed = old.filter((each) => !kept.has(constraintIdentity(each)));
  const added = next.filter((each) => !known.has(constraintIdentity(each)));
  const dropped = droppedProperties(before, after);
  const fallen = removed.filter((each) => fallsWith(each, dropped));
  const refused = removed.filter((each) => !fallsWith(each, dropped));
  return [
    ...fallen.map((each): MigrationStep => {
      const constraint = toShapeConstraint(each);
      return { kind: "drop_constraint", type_kind: after.kind, type_name: before.type.name, constraint };
    }),
    ...(refused.length === 0 ? [] : [refuseRemoval(after, refused, dropped)]),
    ...added.flatMap((each) => planAddition(before, after, each)),
  ];
}

function constraintsOf(type: TypeOfKind["type"]): readonly IrConstraint[] {
  return "constraints" in type ? type.constraints : [];
}

function identities(constraints: readonly IrConstraint[]): ReadonlySet<string> {
  return new Set(constraints.map(constraintIdentity));
}

function droppedProperties(before: TypeOfKind, after: TypeOfKind): ReadonlySet<number> {
  const kept = new Set(after.type.properties.map((each) => each.property_id));
  return new Set(before.type.properties.map((each) => each.property_id).filter((id) => !kept.has(id)));
}

function mentionsDropped(constraint: IrConstraint, dropped: ReadonlySet<number>): readonly string[] {
  return constraintFields(constraint)
    .filter((field) => field.kind === "property" && dropped.has(field.property_id))
    .map(fieldName);
}

function fallsWith(constraint: IrConstraint, dropped: ReadonlySet<number>): boolean {
  const fields = constraintFields(constraint);
  return (
    constraint.kind !== "key" && fields.length === 1 && mentionsDropped(constraint, dropped).length === 1
  );
}

function refuseRemoval(
  after: TypeOfKind,
  refused: readonly IrConstraint[],
  dropped: ReadonlySet<number>,
): MigrationStep {
  const parts = refused.map((each) => {
    const text = describe(toShapeConstraint(each));
    const lost = mentionsDropped(each, dropped);
    if (lost.length === 0) return text;
    const why =
      each.kind === "key"
        ? "identity is derived from it"
        : "a constraint of several properties does not fall with one of them";
    return `${text}, which mentions the dropped ${lost.join(", ")} (${why})`;
  });
  const reason = `removing constraints of ${after.type.name} is not supported: ${parts.join("; ")}`;
  return { kind: "unsupported_change", entity: typeKey(after.kind, after.type.name), reason };
}

/** An index is an intent and reads no rows; @unique on a property whose values are all null holds already. */
function planAddition(
  before: TypeOfKind,
  after: TypeOfKind,
  constraint: IrConstraint,
): readonly MigrationStep[] {
  const shape = toShapeConstraint(constraint);
  if (
    constraint.kind === "index" ||
    (constraint.kind === "unique" && isNewBareUnique(before, after, constraint))
  )
    return [{ kind: "add_constraint", type_kind: after.kind, type_name: after.type.name, constraint: shape }];
  const reason = `adding ${describe(shape)} to ${after.type.name} is not supported, because rows that exist may violate it`;
  return [{ kind: "unsupported_change", entity: typeKey(after.kind, after.type.name), reason }];
}

function isNewBareUnique(before: TypeOfKind, after: TypeOfKind, constraint: IrConstraint): boolean {
  const fields = constraintFields(constraint);
  const [field] = fields;
  if (fields.length !== 1 || field?.kind !== "property") return false;
  const property = after.type.properties.find((each) => each.property_id === field.property_id);
  const isNew = !before.type.properties.some((each) => each.property_id === field.property_id);
  return isNew && property?.prop_type.nullable === true && property.property_constraints.includes("unique");
}

function describe(constraint: ShapeConstraint): string {
  const [kind, demand] = Object.entries(constraint)[0]!;
  if (Array.isArray(demand)) return `@${kind.toLowerCase()}(${demand.join(", ")})`;
  return `@${kind.toLowerCase()} ${compactJson(demand)}`;
}
