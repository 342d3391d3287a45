/**
 * A MigrationPlan as plain JSON data, the form of plan documents and command output (spec/schema 7).
 *
 * Bounds are JSON numbers there. Those beyond 2^53 lose digits, which no step depends on: a plan that is executed is
 * recomputed from the schemas, where they are exact.
 */
import type { Bound } from "./ir.ts";
import type { MigrationPlan, MigrationStep, ShapeConstraint } from "./migration.ts";

type JsonBound = { readonly Integer: number } | { readonly Float: number } | null;

export type ConstraintJson =
  | Exclude<ShapeConstraint, { readonly Range: unknown }>
  | { readonly Range: { readonly property: string; readonly min: JsonBound; readonly max: JsonBound } };

type ConstraintStep = Extract<MigrationStep, { readonly constraint: ShapeConstraint }>;

export type MigrationStepJson =
  | Exclude<MigrationStep, ConstraintStep>
  | (Omit<ConstraintStep, "constraint"> & { readonly constraint: ConstraintJson });

export interface MigrationPlanJson {
  readonly supported: boolean;
  readonly steps: readonly MigrationStepJson[];
}

export function migrationJson(plan: MigrationPlan): MigrationPlanJson {
  return { supported: plan.supported, steps: plan.steps.map(stepJson) };
}

function stepJson(step: MigrationStep): MigrationStepJson {
  return "constraint" in step ? { ...step, constraint: constraintJson(step.constraint) } : step;
}

function constraintJson(constraint: ShapeConstraint): ConstraintJson {
  if (!("Range" in constraint)) return constraint;
  const { property, min, max } = constraint.Range;
  return { Range: { property, min: boundJson(min), max: boundJson(max) } };
}

function boundJson(bound: Bound | null): JsonBound {
  if (bound === null || "Float" in bound) return bound;
  return { Integer: Number(bound.Integer) };
}
