/**
 * Values of mutations against properties (spec/query 6.1), and values that compare with a property but cannot be
 * stored in it (spec/query 6.2, W-14, W-28).
 */
import { assertNever } from "../digest/assert.ts";
import { displayType, type PropType, type Scalar } from "../schema/prop-type.ts";
import type { Literal, Value, VariableRef } from "./ast.ts";
import type { CheckContext } from "./check-context.ts";
import { checkLiteral, checkSpelling } from "./check-literal.ts";
import { I64_MAX, I64_MIN } from "./limits.ts";
import { didYouMean } from "./nearest-name.ts";
import { compatible, isFloatScalar, isIntegerScalar, isPlain } from "./operand.ts";
import { showExpression } from "./show-expression.ts";

/** What a value is for: to be stored, or to be compared with. */
export type Purpose = "assign" | "compare";

/** Checks a value against the property that `label` names. */
export function checkValue(
  context: CheckContext,
  value: Value,
  expected: PropType,
  label: string,
  purpose: Purpose,
): void {
  switch (value.kind) {
    case "variable":
      checkParameter(context, value, expected, label, purpose);
      return;
    case "now":
      if (isPlain(expected, "DateTime")) return;
      context.report.error(
        "T7",
        value.at,
        `now() is a DateTime, but ${label} has type ${displayType(expected)}`,
      );
      return;
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      checkSpelling(context.report, value);
      if (!checkLiteral(context.report, value, expected, label) || purpose === "compare") return;
      checkStorable(context, value, expected, label);
      return;
    default:
      assertNever(value);
  }
}

function checkParameter(
  context: CheckContext,
  variable: VariableRef,
  expected: PropType,
  label: string,
  purpose: Purpose,
): void {
  const { parameters, report } = context;
  const type = parameters.get(variable.name);
  context.usedParameters.add(variable.name);
  if (type === undefined) {
    const hint = didYouMean(variable.name, parameters.keys(), "$");
    report.error("T14", variable.at, `\`$${variable.name}\` is no parameter of this query${hint}`);
    return;
  }
  if (type === null) return;
  const shown = `parameter \`$${variable.name}\` is ${displayType(type)}`;
  const isBlobAddress = expected.scalar === "Blob" && isPlain(type, "String");
  if (!isBlobAddress && !compatible(type, expected)) {
    report.error("T7", variable.at, `${label} has type ${displayType(expected)}, but ${shown}`);
    return;
  }
  if (purpose === "compare") return;
  if (isFloatScalar(type.scalar) && isIntegerScalar(expected.scalar)) {
    const message = `${label} stores integers, but ${shown}; a fraction would be lost`;
    report.refuse("query_assignment_type", variable.at, message);
  }
  if (type.nullable && !expected.nullable) {
    const message = `${label} must have a value, but ${shown} and may be null`;
    report.warn("query_assignment_nullable", variable.at, message);
  }
}

interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

function rangeOf(scalar: Scalar): Range | null {
  switch (scalar) {
    case "I32":
      return { min: -(2n ** 31n), max: 2n ** 31n - 1n };
    case "U32":
      return { min: 0n, max: 2n ** 32n - 1n };
    case "U64":
      return { min: 0n, max: I64_MAX };
    case "I64":
      return { min: I64_MIN, max: I64_MAX };
    default:
      return null;
  }
}

/** Whether an integer lies in the range of an integer type; true for every other type. */
export function fitsInteger(value: bigint, scalar: Scalar): boolean {
  const range = rangeOf(scalar);
  return range === null || (value >= range.min && value <= range.max);
}

/** Whether a number is finite once it is stored. */
export function fitsFloat(value: number, scalar: Scalar): boolean {
  return Number.isFinite(scalar === "F32" ? Math.fround(value) : value);
}

/** Reports a literal that agrees with the type of a property and still cannot be stored in it. */
function checkStorable(context: CheckContext, literal: Literal, expected: PropType, label: string): void {
  const { report } = context;
  if (literal.kind === "list") {
    for (const item of literal.items) checkStorable(context, item, expected, label);
  } else if (literal.kind === "float" && isIntegerScalar(expected.scalar)) {
    const message = `${label} stores integers, and ${showExpression(literal)} has a fraction`;
    report.refuse("query_assignment_type", literal.at, message);
  } else if (literal.kind === "integer" && !fitsInteger(literal.value, expected.scalar)) {
    const message = `${label} has type ${displayType(expected)}, and ${showExpression(literal)} lies outside its range`;
    report.refuse("query_assignment_range", literal.at, message);
  } else if (literal.kind === "float" && !fitsFloat(literal.value, expected.scalar)) {
    const message = `${label} has type ${displayType(expected)}, and ${showExpression(literal)} lies outside its range`;
    report.refuse("query_assignment_range", literal.at, message);
  }
}
