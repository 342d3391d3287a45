/**
 * planMigration: the steps from an accepted schema to a desired one (spec/schema 7.1 to 7.3).
 *
 * Guarantees: pure; equal inputs give equal plans; `supported` is false exactly when some step is an
 * `unsupported_change`; no supported step can make a stored row invalid, because every step that would have to look
 * at rows is unsupported. Both schemas come from resolveIdentity, the desired one on top of the accepted one; any
 * other pair is a bug of the caller and throws.
 */
import { assert } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type { SchemaIr } from "./ir.ts";
import { identityIds } from "./ir-verify.ts";
import type { MigrationPlan, MigrationStep, TypeKind } from "./migration.ts";
import { type PlannedType, planType } from "./plan-type.ts";
import { typeKey } from "./rename-hints.ts";

export interface PlanOptions {
  /** True turns every drop into a hard one, whose data is gone for good (spec/schema 7.3). */
  readonly data_loss: boolean;
}

const KINDS: readonly TypeKind[] = ["interface", "node", "edge"];

export function planMigration(accepted: SchemaIr, desired: SchemaIr, options: PlanOptions): MigrationPlan {
  assertContinues(accepted, desired);
  const steps = KINDS.flatMap((kind) => planKind(kind, typesOf(accepted, kind), typesOf(desired, kind)));
  if (steps.length === 0 && compactJson(accepted) !== compactJson(desired))
    steps.push({
      kind: "unsupported_change",
      entity: "schema",
      reason: "an unclassified difference between the accepted and the desired schema",
    });
  return {
    supported: steps.every((each) => each.kind !== "unsupported_change"),
    steps: distinctConstraints(options.data_loss ? steps.map(harden) : steps),
  };
}

/** The types of one kind: matched and new ones in desired order, then what is gone in accepted order. */
function planKind(
  kind: TypeKind,
  accepted: readonly PlannedType[],
  desired: readonly PlannedType[],
): MigrationStep[] {
  const before = new Map(accepted.map((each) => [each.type.type_id, each]));
  const steps: MigrationStep[] = [];
  for (const after of desired) {
    const continued = before.get(after.type.type_id);
    if (continued === undefined) steps.push({ kind: "add_type", type_kind: kind, name: after.type.name });
    else steps.push(...planType(continued, after));
    before.delete(after.type.type_id);
  }
  for (const { type } of [...before.values()].sort((a, b) => compareBytes(a.type.name, b.type.name)))
    steps.push(dropType(kind, type.name));
  return steps;
}

function dropType(kind: TypeKind, name: string): MigrationStep {
  if (kind !== "interface") return { kind: "drop_type", type_kind: kind, name, mode: "soft" };
  const reason = `removing interface ${name} is not supported`;
  return { kind: "unsupported_change", entity: typeKey(kind, name), reason };
}

function typesOf(ir: SchemaIr, kind: TypeKind): readonly PlannedType[] {
  if (kind === "interface") return ir.interfaces.map((type) => ({ kind, type }));
  if (kind === "node") return ir.nodes.map((type) => ({ kind, type }));
  return ir.edges.map((type) => ({ kind, type }));
}

function harden(step: MigrationStep): MigrationStep {
  return step.kind === "drop_type" || step.kind === "drop_property" ? { ...step, mode: "hard" } : step;
}

/** A bare @index adds its constraint at its property and again at its table; one step says it. */
function distinctConstraints(steps: readonly MigrationStep[]): readonly MigrationStep[] {
  const seen = new Set<string>();
  return steps.filter((step) => {
    if (step.kind !== "add_constraint") return true;
    const text = compactJson(step);
    const fresh = !seen.has(text);
    seen.add(text);
    return fresh;
  });
}

/** The contract between two schemas of one graph (spec/schema 7.2, hard errors). */
function assertContinues(accepted: SchemaIr, desired: SchemaIr): void {
  assert(
    accepted.schema_identity_domain === desired.schema_identity_domain,
    "both schemas of a migration belong to one identity domain",
  );
  assert(
    desired.next_identity_id >= accepted.next_identity_id,
    "the identity counter of a desired schema never runs back",
  );
  const known = new Set(identityIds(accepted));
  for (const id of identityIds(desired))
    assert(known.has(id) || id >= accepted.next_identity_id, `id ${id} of the desired schema is new`);
  const roles = identityRoles(accepted);
  for (const [id, role] of identityRoles(desired))
    assert((roles.get(id) ?? role) === role, `id ${id} keeps its kind, owner and incarnation`);
}

/** What each type and property id stands for: a kind and incarnation, or an owner. */
function identityRoles(ir: SchemaIr): ReadonlyMap<number, string> {
  const roles = new Map<number, string>();
  for (const kind of KINDS)
    for (const { type } of typesOf(ir, kind)) {
      const incarnation = "table_incarnation_id" in type ? type.table_incarnation_id : 0;
      roles.set(type.type_id, `${kind} ${incarnation}`);
      for (const property of type.properties) roles.set(property.property_id, `property of ${type.type_id}`);
    }
  return roles;
}
