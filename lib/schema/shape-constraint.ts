/** The canonical order of constraints in a shape (spec/schema 6.1): by kind, then columns, then the rest. */
import { compareBytes } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import type { ShapeConstraint } from "./migration.ts";

/** Sorted by the text key of each constraint, duplicates removed. */
export function sortConstraints(constraints: readonly ShapeConstraint[]): readonly ShapeConstraint[] {
  const byText = new Map(constraints.map((each) => [constraintText(each), each]));
  return [...byText].sort(([a], [b]) => compareBytes(a, b)).map(([, each]) => each);
}

/** The property names that a constraint mentions. */
export function constraintColumns(constraint: ShapeConstraint): readonly string[] {
  if ("Key" in constraint) return constraint.Key;
  if ("Unique" in constraint) return constraint.Unique;
  if ("Index" in constraint) return constraint.Index;
  return [("Range" in constraint ? constraint.Range : constraint.Check).property];
}

function constraintText(constraint: ShapeConstraint): string {
  const kind = Object.keys(constraint)[0]!.toLowerCase();
  return `${kind}:${constraintColumns(constraint).join(",")}:${compactJson(constraint)}`;
}
