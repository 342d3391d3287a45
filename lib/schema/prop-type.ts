/**
 * PropType: the type of a property, in the JSON form of spec/schema 6.1.
 *
 * Guarantees: pure data. An enum has scalar `String` and its sorted, duplicate-free values; a list holds base scalars
 * only; `nullable` is the trailing `?`.
 */
export const BASE_SCALARS = [
  "String",
  "Blob",
  "Bool",
  "I32",
  "I64",
  "U32",
  "U64",
  "F32",
  "F64",
  "DateTime",
  "Date",
] as const;
export type BaseScalar = (typeof BASE_SCALARS)[number];
/** `{"Vector": n}`: a fixed-size list of n 32-bit floats. */
export interface VectorScalar {
  readonly Vector: number;
}
export type Scalar = BaseScalar | VectorScalar;

export interface PropType {
  readonly scalar: Scalar;
  readonly nullable: boolean;
  readonly list: boolean;
  readonly enum_values: readonly string[] | null;
}

export function isVector(scalar: Scalar): scalar is VectorScalar {
  return typeof scalar === "object";
}

export function isNumeric(scalar: Scalar): boolean {
  return typeof scalar === "string" && /^[IUF](32|64)$/.test(scalar);
}

/** True if both types have the same scalar, list flag, nullability and set of enum values. */
export function sameType(a: PropType, b: PropType): boolean {
  return displayType(a) === displayType(b);
}

/** How people write the type: `enum(a, b)?`, `[String]`, `Vector(3)`. */
export function displayType(type: PropType): string {
  const scalar = isVector(type.scalar) ? `Vector(${type.scalar.Vector})` : type.scalar;
  const core = type.enum_values ? `enum(${type.enum_values.join(", ")})` : scalar;
  return `${type.list ? `[${core}]` : core}${type.nullable ? "?" : ""}`;
}
