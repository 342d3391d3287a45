/**
 * Operand: what an expression is to the type checker (spec/query 5.3, 5.4).
 *
 * Guarantees: `unknown` stands for an expression that has been reported already; it agrees with everything, so that
 * one mistake gives one error.
 */
import type { CatalogNode } from "../schema/catalog.ts";
import { isNumeric, isVector, type PropType, type Scalar } from "../schema/prop-type.ts";
import type { Literal } from "./ast.ts";

export type Operand =
  | { readonly kind: "value"; readonly type: PropType }
  | { readonly kind: "node"; readonly node: CatalogNode }
  /** `argument` is the type of what is aggregated, if it has one. */
  | { readonly kind: "aggregate"; readonly argument: PropType | null }
  | { readonly kind: "unknown" };

export const UNKNOWN: Operand = { kind: "unknown" };

/** A non-null type that is not a list. */
export function plainType(scalar: Scalar): PropType {
  return { scalar, nullable: false, list: false, enum_values: null };
}

export const STRING = plainType("String");
export const BOOL = plainType("Bool");
export const F64 = plainType("F64");
export const DATETIME = plainType("DateTime");

export function valueOperand(type: PropType): Operand {
  return { kind: "value", type };
}

function sameScalar(a: Scalar, b: Scalar): boolean {
  if (isVector(a)) return isVector(b) && a.Vector === b.Vector;
  return a === b;
}

/** The compatibility relation; nullability and enum values do not matter (spec/query 5.3). */
export function compatible(a: PropType, b: PropType): boolean {
  if (a.list !== b.list) return false;
  return sameScalar(a.scalar, b.scalar) || (isNumeric(a.scalar) && isNumeric(b.scalar));
}

export function isPlain(type: PropType, scalar: Scalar): boolean {
  return !type.list && type.scalar === scalar;
}

export function isPlainInteger(type: PropType): boolean {
  return !type.list && isIntegerScalar(type.scalar);
}

export function isIntegerScalar(scalar: Scalar): boolean {
  return scalar === "I32" || scalar === "I64" || scalar === "U32" || scalar === "U64";
}

export function isFloatScalar(scalar: Scalar): boolean {
  return scalar === "F32" || scalar === "F64";
}

/** The type of one element of a list type. */
export function elementType(type: PropType): PropType {
  return { ...type, list: false };
}

export type LiteralType =
  | { readonly tag: "typed"; readonly type: PropType }
  | { readonly tag: "nested_list" | "mixed_list"; readonly at: number };

const SCALAR_OF_LITERAL = {
  string: "String",
  integer: "I64",
  float: "F64",
  boolean: "Bool",
  date: "Date",
  datetime: "DateTime",
} as const satisfies Record<Exclude<Literal["kind"], "list">, Scalar>;

/** The type of a literal (spec/query 5.4). */
export function literalType(literal: Literal): LiteralType {
  if (literal.kind !== "list") return { tag: "typed", type: plainType(SCALAR_OF_LITERAL[literal.kind]) };
  const first = literal.items[0];
  if (first === undefined) return { tag: "typed", type: { ...STRING, list: true } };
  if (first.kind === "list") return { tag: "nested_list", at: first.at };
  const element = plainType(SCALAR_OF_LITERAL[first.kind]);
  for (const item of literal.items) {
    if (item.kind === "list") return { tag: "mixed_list", at: item.at };
    if (!compatible(plainType(SCALAR_OF_LITERAL[item.kind]), element))
      return { tag: "mixed_list", at: item.at };
  }
  return { tag: "typed", type: { ...element, list: true } };
}

/** The length of a literal that may stand for a vector; null for every other literal. */
export function vectorLength(literal: Literal): number | null {
  if (literal.kind !== "list" || literal.items.length === 0) return null;
  const numbers = literal.items.every((item) => item.kind === "integer" || item.kind === "float");
  return numbers ? literal.items.length : null;
}
