/**
 * Parameter values from JSON (spec/query 10, with its [R] rules).
 *
 * Guarantees: pure and total. Strict: undeclared keys are refused, required parameters demanded, numbers never lose
 * anything, dates are real. All errors are reported at once, in the order of the declarations, then of the keys.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import { isVector, type PropType, type Scalar } from "../schema/prop-type.ts";
import { CLOCK_PARAMETER } from "./check.ts";
import { fitsFloat, fitsInteger } from "./check-assignment.ts";
import { isDateText, isDateTimeText } from "./date-text.ts";
import { numberText, parseExactJson } from "./exact-json.ts";
import type { QueryParameter } from "./facts.ts";
import { PARAMETERS_CHARACTERS_MAX } from "./limits.ts";
import { didYouMean } from "./nearest-name.ts";
import { elementType } from "./operand.ts";
import { typeOfText } from "./parameter-type.ts";

/** Integers of every width are bigint, floats and the elements of vectors are number. */
export type ParameterValue = null | boolean | string | bigint | number | readonly ParameterValue[];

export type ParameterInput =
  | { readonly kind: "text"; readonly text: string }
  /** A value that was parsed already; its integers must be exact or bigint. */
  | { readonly kind: "value"; readonly value: unknown };

export type DecodedParameters =
  /** One entry a declared parameter; a nullable one that was left out is null. */
  | { readonly tag: "decoded"; readonly values: ReadonlyMap<string, ParameterValue> }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

type Decoded =
  | { readonly tag: "value"; readonly value: ParameterValue }
  | { readonly tag: "wrong"; readonly wanted: string };

/** Decodes the values of all declared parameters. */
export function decodeParameters(
  declared: readonly QueryParameter[],
  input: ParameterInput,
): DecodedParameters {
  const given = givenValues(input);
  if (given.tag === "invalid") return { tag: "invalid", diagnostics: [given.diagnostic] };
  const values = new Map<string, ParameterValue>();
  const diagnostics: Diagnostic[] = [];
  for (const parameter of declared) {
    const problem = decodeOne(parameter, given.values, values);
    if (problem !== null) diagnostics.push(problem);
  }
  const names = new Set(declared.map(({ name }) => name));
  for (const key of given.values.keys()) if (!names.has(key)) diagnostics.push(undeclared(key, names));
  return diagnostics.length > 0 ? { tag: "invalid", diagnostics } : { tag: "decoded", values };
}

type Given =
  | { readonly tag: "given"; readonly values: ReadonlyMap<string, unknown> }
  | { readonly tag: "invalid"; readonly diagnostic: Diagnostic };

function givenValues(input: ParameterInput): Given {
  if (input.kind === "value") return objectOf(input.value);
  const { text } = input;
  if (text.length > PARAMETERS_CHARACTERS_MAX) {
    const message = `the parameters have ${text.length} characters; at most ${PARAMETERS_CHARACTERS_MAX} are read`;
    return {
      tag: "invalid",
      diagnostic: diagnostic("query_parameters_too_large", { path: "parameters", message }),
    };
  }
  if (text.trim() === "") return objectOf(null);
  const parsed = parseExactJson(text);
  return parsed.tag === "parsed" ? objectOf(parsed.value) : notAnObject(parsed.message);
}

function objectOf(value: unknown): Given {
  if (value === null || value === undefined) return { tag: "given", values: new Map() };
  if (typeof value !== "object" || Array.isArray(value) || numberText(value) !== null) {
    return notAnObject("params must be a JSON object");
  }
  return { tag: "given", values: new Map(Object.entries(value)) };
}

function notAnObject(message: string): Given {
  return {
    tag: "invalid",
    diagnostic: diagnostic("query_parameters_not_object", { path: "parameters", message }),
  };
}

function undeclared(key: string, names: ReadonlySet<string>): Diagnostic {
  const message =
    key === CLOCK_PARAMETER
      ? `\`${key}\` is reserved and cannot be given`
      : `the query has no parameter \`${key}\`${didYouMean(key, names)}`;
  return diagnostic("query_parameter_undeclared", { path: `parameters.${key}`, message });
}

function decodeOne(
  parameter: QueryParameter,
  given: ReadonlyMap<string, unknown>,
  values: Map<string, ParameterValue>,
): Diagnostic | null {
  const { name, nullable } = parameter;
  const path = `parameters.${name}`;
  const type = typeOfText(parameter.type, nullable);
  assert(type !== null, "a checked query declares only types that exist");
  const value = given.get(name) ?? null;
  if (value === null) {
    if (nullable) {
      values.set(name, null);
      return null;
    }
    const message = given.has(name)
      ? `parameter \`${name}\` must not be null`
      : `parameter \`${name}\` has no value`;
    return diagnostic("query_parameter_missing", { path, message });
  }
  const decoded = decodeValue(type, value);
  if (decoded.tag === "value") {
    values.set(name, decoded.value);
    return null;
  }
  const message = `parameter \`${name}\` of type \`${parameter.type}\` expects ${decoded.wanted}`;
  return diagnostic("query_parameter_value", { path, message });
}

function decodeValue(type: PropType, value: unknown): Decoded {
  if (!type.list) return decodeScalar(type.scalar, value);
  if (!Array.isArray(value)) return { tag: "wrong", wanted: "a list" };
  const element = elementType(type);
  const items: ParameterValue[] = [];
  for (const [index, item] of value.entries()) {
    const decoded = decodeScalar(element.scalar, item);
    if (decoded.tag === "wrong") return { tag: "wrong", wanted: `${decoded.wanted} as element ${index}` };
    items.push(decoded.value);
  }
  return { tag: "value", value: items };
}

function decodeScalar(scalar: Scalar, value: unknown): Decoded {
  if (isVector(scalar)) return decodeVector(scalar.Vector, value);
  switch (scalar) {
    case "String":
    case "Blob":
      return typeof value === "string" ? { tag: "value", value } : { tag: "wrong", wanted: "a string" };
    case "Bool":
      return typeof value === "boolean" ? { tag: "value", value } : { tag: "wrong", wanted: "true or false" };
    case "I32":
    case "I64":
    case "U32":
    case "U64":
      return decodeInteger(scalar, value);
    case "F32":
    case "F64":
      return decodeFloat(scalar, value);
    case "Date":
      return typeof value === "string" && isDateText(value)
        ? { tag: "value", value }
        : { tag: "wrong", wanted: "a day as a string YYYY-MM-DD" };
    case "DateTime":
      return typeof value === "string" && isDateTimeText(value)
        ? { tag: "value", value }
        : { tag: "wrong", wanted: "an instant as a string like 2024-02-29T13:45:00Z" };
    default:
      return assertNever(scalar);
  }
}

/** An integer as a number without fraction and exponent, or as a decimal string. */
function decodeInteger(scalar: Scalar, value: unknown): Decoded {
  const spelling = typeof value === "string" ? value : numberText(value);
  if (spelling === null || !/^[+-]?\d{1,20}$/.test(spelling)) {
    return { tag: "wrong", wanted: "an integer, as a number or a decimal string" };
  }
  const integer = BigInt(spelling.replace("+", ""));
  if (!fitsInteger(integer, scalar))
    return { tag: "wrong", wanted: "an integer within the range of the type" };
  return { tag: "value", value: integer };
}

function decodeFloat(scalar: Scalar, value: unknown): Decoded {
  const spelling = numberText(value);
  if (spelling === null) return { tag: "wrong", wanted: "a number" };
  const number = Number(spelling);
  return fitsFloat(number, scalar)
    ? { tag: "value", value: number }
    : { tag: "wrong", wanted: "a number within the range of the type" };
}

function decodeVector(dimension: number, value: unknown): Decoded {
  const wanted = `an array of exactly ${dimension} numbers`;
  if (!Array.isArray(value) || value.length !== dimension) return { tag: "wrong", wanted };
  const numbers: number[] = [];
  for (const item of value) {
    const decoded = decodeFloat("F32", item);
    if (decoded.tag === "wrong" || typeof decoded.value !== "number") return { tag: "wrong", wanted };
    numbers.push(decoded.value);
  }
  return { tag: "value", value: numbers };
}
