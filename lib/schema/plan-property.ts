/**
 * The steps of one property (spec/schema 7.1 step 4, 7.2): rename, type, embedding, bare constraints, provenance,
 * interface links, metadata, in this order.
 */
import { compactJson } from "./compact-json.ts";
import type { BareConstraint, IrProperty } from "./ir.ts";
import type { MigrationStep, TypeKind } from "./migration.ts";
import { annotationChange } from "./plan-annotation.ts";
import { displayType } from "./prop-type.ts";
import { propertyKey } from "./rename-hints.ts";

interface Owner {
  readonly kind: TypeKind;
  readonly name: string;
}

type Unsupported = (reason: string, code?: "OG-MF-103" | "OG-MF-106") => MigrationStep;

/** A property that the accepted schema does not have. Its constraints come with those of its type (plan-constraint.ts). */
export function planNewProperty(owner: Owner, property: IrProperty): MigrationStep {
  const { name, prop_type } = property;
  if (!prop_type.nullable) {
    const reason = `required property ${owner.name}.${name} has no value for the rows that exist; add it as nullable`;
    return refusal(owner, property)(reason, "OG-MF-103");
  }
  const place = { type_kind: owner.kind, type_name: owner.name, property_name: name };
  return { kind: "add_property", ...place, property_type: prop_type };
}

/** A property that both schemas have. */
export function planProperty(owner: Owner, before: IrProperty, after: IrProperty): readonly MigrationStep[] {
  const unsupported = refusal(owner, after);
  return [
    ...planRename(owner, before, after),
    ...planPropertyType(owner, before, after, unsupported),
    ...planEmbed(before, after, unsupported),
    ...planBareConstraints(owner, before, after, unsupported),
    ...planProvenance(before, after, unsupported),
    ...planPropertyMetadata(owner, before, after, unsupported),
  ];
}

function refusal(owner: Owner, property: IrProperty): Unsupported {
  const entity = propertyKey(owner.kind, owner.name, property.name);
  return (reason, code) => ({
    kind: "unsupported_change",
    entity,
    reason,
    ...(code === undefined ? {} : { code }),
  });
}

function planRename(owner: Owner, before: IrProperty, after: IrProperty): readonly MigrationStep[] {
  if (before.name === after.name) return [];
  const [from, to] = [before.name, after.name];
  return [{ kind: "rename_property", type_kind: owner.kind, type_name: owner.name, from, to }];
}

function planPropertyType(
  owner: Owner,
  before: IrProperty,
  after: IrProperty,
  unsupported: Unsupported,
): readonly MigrationStep[] {
  const [old, next] = [before.prop_type, after.prop_type];
  if (displayType(old) === displayType(next)) return [];
  const place = { type_kind: owner.kind, type_name: owner.name, property_name: after.name };
  if (!old.nullable && displayType({ ...old, nullable: true }) === displayType(next))
    return [{ kind: "relax_property", ...place }];
  const added = addedValues(before, after);
  if (added !== null) return [{ kind: "extend_enum", ...place, added_values: added }];
  const reason = `changing property type of ${owner.name}.${after.name} from ${displayType(old)} to ${displayType(next)} is not supported`;
  return [unsupported(reason, "OG-MF-106")];
}

/** The values that an enum gains, null unless it only gains some and nothing else of the type changes. */
function addedValues(before: IrProperty, after: IrProperty): readonly string[] | null {
  const [old, next] = [before.prop_type, after.prop_type];
  if (old.enum_values === null || next.enum_values === null || old.nullable !== next.nullable) return null;
  const kept = new Set(next.enum_values);
  if (!old.enum_values.every((each) => kept.has(each))) return null;
  const known = new Set(old.enum_values);
  return next.enum_values.filter((each) => !known.has(each));
}

function planEmbed(
  before: IrProperty,
  after: IrProperty,
  unsupported: Unsupported,
): readonly MigrationStep[] {
  const [old, next] = [before.embed_source, after.embed_source];
  const same = old?.source.property_id === next?.source.property_id && old?.model === next?.model;
  if (same) return [];
  return [unsupported(`changing the source or model of @embed on ${after.name} is not supported`)];
}

function planBareConstraints(
  owner: Owner,
  before: IrProperty,
  after: IrProperty,
  unsupported: Unsupported,
): readonly MigrationStep[] {
  const lost = before.property_constraints.filter((each) => !after.property_constraints.includes(each));
  const gained = after.property_constraints.filter((each) => !before.property_constraints.includes(each));
  const names = lost.map((each) => `@${each}`).join(", ");
  return [
    ...(lost.length === 0 ? [] : [unsupported(`removing property constraints (${names}) is not supported`)]),
    ...gained.map((each) => addBare(owner, after, each, unsupported)),
  ];
}

/** An index is an intent; for a key and for @unique rows would have to be looked at. */
function addBare(
  owner: Owner,
  property: IrProperty,
  constraint: BareConstraint,
  unsupported: Unsupported,
): MigrationStep {
  if (constraint === "index") {
    const index = { Index: [property.name] };
    return { kind: "add_constraint", type_kind: owner.kind, type_name: owner.name, constraint: index };
  }
  return unsupported(`adding property constraints (@${constraint}) to rows that exist is not supported`);
}

function planProvenance(
  before: IrProperty,
  after: IrProperty,
  unsupported: Unsupported,
): readonly MigrationStep[] {
  const steps: MigrationStep[] = [];
  if (before.declared_directly !== after.declared_directly) {
    const reason =
      "changing the declaration provenance (declared in the node or in its interface) is not supported";
    steps.push(unsupported(reason));
  }
  const links = (property: IrProperty) =>
    compactJson(property.satisfies_interface_properties.map((each) => each.property_id));
  if (links(before) !== links(after))
    steps.push(unsupported("changing the interface satisfaction links of a property is not supported"));
  return steps;
}

function planPropertyMetadata(
  owner: Owner,
  before: IrProperty,
  after: IrProperty,
  unsupported: Unsupported,
): readonly MigrationStep[] {
  const change = annotationChange(before.annotations, after.annotations);
  const steps: MigrationStep[] = [];
  if (change.opaque) steps.push(unsupported("changing other annotations of a property is not supported"));
  if (change.metadata)
    steps.push({
      kind: "update_property_metadata",
      type_kind: owner.kind,
      type_name: owner.name,
      property_name: after.name,
      annotations: after.annotations,
    });
  return steps;
}
