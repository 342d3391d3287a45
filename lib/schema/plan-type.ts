/**
 * The steps of one type that both schemas have (spec/schema 7.1, 7.2): rename, implements or ends, metadata,
 * properties, drops, constraints, in this order.
 */
import { compareBytes } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type { IrEdge, IrInterface, IrNode, TypeRef } from "./ir.ts";
import type { MigrationStep, TypeKind } from "./migration.ts";
import { annotationChange } from "./plan-annotation.ts";
import { planConstraints } from "./plan-constraint.ts";
import { planNewProperty, planProperty } from "./plan-property.ts";
import { typeKey } from "./rename-hints.ts";

export type PlannedType =
  | { readonly kind: "interface"; readonly type: IrInterface }
  | { readonly kind: "node"; readonly type: IrNode }
  | { readonly kind: "edge"; readonly type: IrEdge };

export function planType(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  return [
    ...planRename(before, after),
    ...planImplements(before, after),
    ...planEnds(before, after),
    ...planTypeMetadata(before, after),
    ...planProperties(before, after),
    ...planConstraints(before, after),
  ];
}

function planRename(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  const [from, to] = [before.type.name, after.type.name];
  if (from === to) return [];
  if (after.kind === "interface")
    return [unsupported(after, `renaming interface ${from} to ${to} is not supported`)];
  return [{ kind: "rename_type", type_kind: after.kind, from, to }];
}

function planImplements(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  if (before.kind !== "node" || after.kind !== "node") return [];
  return sameIds(before.type.implements, after.type.implements)
    ? []
    : [
        unsupported(
          after,
          `changing the interfaces that node ${after.type.name} implements is not supported`,
        ),
      ];
}

function sameIds(a: readonly TypeRef[], b: readonly TypeRef[]): boolean {
  return compactJson(a.map((each) => each.type_id)) === compactJson(b.map((each) => each.type_id));
}

function planEnds(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  if (before.kind !== "edge" || after.kind !== "edge") return [];
  const steps: MigrationStep[] = [];
  const [old, next] = [before.type, after.type];
  if (old.from_type.type_id !== next.from_type.type_id || old.to_type.type_id !== next.to_type.type_id)
    steps.push(unsupported(after, `changing the endpoints of edge ${next.name} is not supported`));
  if (old.cardinality.min !== next.cardinality.min || old.cardinality.max !== next.cardinality.max)
    steps.push(unsupported(after, `changing the cardinality of edge ${next.name} is not supported`));
  return steps;
}

function planTypeMetadata(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  if (before.kind === "interface" || after.kind === "interface") return [];
  const change = annotationChange(before.type.annotations, after.type.annotations);
  const steps: MigrationStep[] = [];
  if (change.opaque)
    steps.push(
      unsupported(after, `changing other annotations of ${after.kind} ${after.type.name} is not supported`),
    );
  if (change.metadata) {
    const { annotations, name } = after.type;
    steps.push({ kind: "update_type_metadata", type_kind: after.kind, name, annotations });
  }
  return steps;
}

function planProperties(before: PlannedType, after: PlannedType): readonly MigrationStep[] {
  const gone = new Map(before.type.properties.map((each) => [each.property_id, each]));
  const steps: MigrationStep[] = [];
  for (const property of after.type.properties) {
    const old = gone.get(property.property_id);
    const owner = { kind: after.kind, name: after.type.name };
    if (old === undefined) steps.push(planNewProperty(owner, property));
    else steps.push(...planProperty(owner, old, property));
    gone.delete(property.property_id);
  }
  for (const { name } of [...gone.values()].sort((a, b) => compareBytes(a.name, b.name)))
    steps.push({
      kind: "drop_property",
      type_kind: after.kind,
      type_name: before.type.name,
      property_name: name,
      mode: "soft",
    });
  return steps;
}

function unsupported(
  owner: { readonly kind: TypeKind; readonly type: { readonly name: string } },
  reason: string,
): MigrationStep {
  return { kind: "unsupported_change", entity: typeKey(owner.kind, owner.type.name), reason };
}
