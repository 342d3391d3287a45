/**
 * Which step of a schema change broke a query (spec/query 9.2). Pure.
 *
 * The checker says that a query no longer fits; this says why: the facts of the query under the schema that is live
 * now, met with the migration steps that lead to the desired one.
 */
import { assertNever } from "../digest/assert.ts";
import type { PropertyFact, QueryFacts } from "../query/facts.ts";
import type { MigrationStep } from "../schema/migration.ts";

/** Sentences such as "drops Person.email", one for each step that touches what the query uses. */
export function breakingSteps(facts: QueryFacts, steps: readonly MigrationStep[]): readonly string[] {
  const types = new Set([...facts.reads, ...facts.writes].map((fact) => fact.type_name));
  const properties = new Set(facts.properties.map((fact) => `${fact.type_name}.${fact.property}`));
  const inserted = new Set(facts.properties.filter(isRequired).map((fact) => fact.type_name));
  const acceptedName = acceptedNames(steps);
  const usesProperty = (type: string, property: string) =>
    properties.has(`${acceptedName(type)}.${property}`);
  const texts = steps.map((step) => describe(step, { types, inserted, usesProperty }));
  return texts.filter((text) => text !== null);
}

interface Uses {
  readonly types: ReadonlySet<string>;
  readonly inserted: ReadonlySet<string>;
  readonly usesProperty: (type: string, property: string) => boolean;
}

function isRequired(fact: PropertyFact): boolean {
  return fact.access === "required";
}

/** Steps name types as desired; facts name them as accepted. */
function acceptedNames(steps: readonly MigrationStep[]): (desired: string) => string {
  const renamed = new Map(
    steps.flatMap((step) => (step.kind === "rename_type" ? [[step.to, step.from] as const] : [])),
  );
  return (desired) => renamed.get(desired) ?? desired;
}

function describe(step: MigrationStep, uses: Uses): string | null {
  switch (step.kind) {
    case "drop_type":
      return uses.types.has(step.name) ? `drops ${step.name}` : null;
    case "rename_type":
      return uses.types.has(step.from) ? `renames ${step.from} to ${step.to}` : null;
    case "drop_property":
      return uses.usesProperty(step.type_name, step.property_name)
        ? `drops ${step.type_name}.${step.property_name}`
        : null;
    case "rename_property":
      return uses.usesProperty(step.type_name, step.from)
        ? `renames ${step.type_name}.${step.from} to ${step.to}`
        : null;
    case "unsupported_change":
      return describeUnsupported(step.entity, step.reason, uses);
    case "add_type":
    case "add_property":
    case "add_constraint":
    case "drop_constraint":
    case "relax_property":
    case "extend_enum":
    case "update_type_metadata":
    case "update_property_metadata":
      return null;
    default:
      return assertNever(step);
  }
}

/** `entity` is `kind:Type.property` or `kind:Type`. */
function describeUnsupported(entity: string, reason: string, uses: Uses): string | null {
  const [type, property] = entity.slice(entity.indexOf(":") + 1).split(".");
  if (type === undefined) return null;
  const touched = property === undefined ? uses.types.has(type) : uses.usesProperty(type, property);
  return touched || uses.inserted.has(type) ? `changes ${entity}: ${reason}` : null;
}
