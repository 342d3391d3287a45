/** One migration step as a person reads it: a symbol, what changes, and what happens to the rows. */
import { assertNever } from "../../lib/digest/assert.ts";
import type { StepImpact } from "../../lib/engine/engine.ts";
import type { Bound } from "../../lib/schema/ir.ts";
import type { MigrationStep, ShapeConstraint } from "../../lib/schema/migration.ts";
import { displayType } from "../../lib/schema/prop-type.ts";
import { printableFields } from "./printable.ts";

export interface StepText {
  readonly symbol: "+" | "~" | "-" | "!";
  readonly text: string;
  /** What happens to data; empty if nothing does. */
  readonly data: string;
}

export function describeStep(raw: MigrationStep, impact: StepImpact | undefined): StepText {
  const step = printableFields(raw);
  return { ...definition(step), data: impact === undefined ? "" : dataText(step, printableFields(impact)) };
}

function definition(step: MigrationStep): Omit<StepText, "data"> {
  switch (step.kind) {
    case "add_type":
      return { symbol: "+", text: `${step.type_kind} ${step.name}` };
    case "rename_type":
      return { symbol: "~", text: `${step.type_kind} ${step.from} is renamed to ${step.to}` };
    case "add_property":
      return {
        symbol: "+",
        text: `${step.type_name}.${step.property_name}: ${displayType(step.property_type)}`,
      };
    case "rename_property":
      return { symbol: "~", text: `${step.type_name}.${step.from} is renamed to ${step.to}` };
    case "add_constraint":
      return { symbol: "+", text: `${step.type_name} ${describeConstraint(step.constraint)}` };
    case "drop_constraint":
      return { symbol: "-", text: `${step.type_name} ${describeConstraint(step.constraint)}` };
    case "relax_property":
      return { symbol: "~", text: `${step.type_name}.${step.property_name} becomes optional` };
    case "extend_enum":
      return {
        symbol: "~",
        text: `${step.type_name}.${step.property_name} also takes ${step.added_values.join(", ")}`,
      };
    case "update_type_metadata":
      return { symbol: "~", text: `annotations of ${step.name}` };
    case "update_property_metadata":
      return { symbol: "~", text: `annotations of ${step.type_name}.${step.property_name}` };
    case "drop_type":
      return { symbol: "-", text: `${step.type_kind} ${step.name} (${step.mode} drop)` };
    case "drop_property":
      return { symbol: "-", text: `${step.type_name}.${step.property_name} (${step.mode} drop)` };
    case "unsupported_change":
      return {
        symbol: "!",
        text: `${step.entity}: ${step.code === undefined ? "" : `${step.code} `}${step.reason}`,
      };
    default:
      return assertNever(step);
  }
}

function describeConstraint(constraint: ShapeConstraint): string {
  if ("Key" in constraint) return `@key(${constraint.Key.join(", ")})`;
  if ("Unique" in constraint) return `@unique(${constraint.Unique.join(", ")})`;
  if ("Index" in constraint) return `@index(${constraint.Index.join(", ")})`;
  if ("Range" in constraint) {
    const { property, min, max } = constraint.Range;
    return `@range(${property}, ${bound(min)}..${bound(max)})`;
  }
  return `@check(${constraint.Check.property}, ${JSON.stringify(constraint.Check.pattern)})`;
}

function bound(value: Bound | null): string {
  if (value === null) return "";
  return String("Integer" in value ? value.Integer : value.Float);
}

function dataText(step: MigrationStep, impact: StepImpact): string {
  const rows = count(impact.rows, "row");
  if (impact.violations > 0) return `${impact.violations} of ${rows} stand in the way${examples(impact)}`;
  switch (step.kind) {
    case "drop_type":
      return `${count(impact.rows, "row")} will no longer be seen; earlier versions still show them`;
    case "drop_property":
      return step.mode === "hard"
        ? `${impact.values_lost} of ${rows} have a value, which is erased for good`
        : `${impact.values_lost} of ${rows} have a value; earlier versions still show it`;
    case "add_property":
      return `${rows} will have no value`;
    case "rename_property":
    case "rename_type":
      return `${rows} keep their values`;
    case "add_type":
    case "add_constraint":
    case "drop_constraint":
    case "relax_property":
    case "extend_enum":
    case "update_type_metadata":
    case "update_property_metadata":
    case "unsupported_change":
      return impact.rows === 0 ? "" : `${rows} stay as they are`;
    default:
      return assertNever(step);
  }
}

function examples(impact: StepImpact): string {
  return impact.violating_ids.length === 0 ? "" : ` (${impact.violating_ids.slice(0, 3).join(", ")}, ...)`;
}

/** `1 row`, `1,204 rows`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${value.toLocaleString("en-US")} ${value === 1 ? noun : plural}`;
}
