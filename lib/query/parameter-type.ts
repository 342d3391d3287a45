/**
 * The type of a query parameter (spec/query 2.1 `ParamType`, 5.2): its property type, or what is wrong with it, and
 * its canonical spelling.
 */
import { BASE_SCALARS, type BaseScalar, type PropType, type Scalar } from "../schema/prop-type.ts";
import type { ParameterAst, ParameterTypeAst } from "./ast.ts";
import { VECTOR_DIMENSION_MAX } from "./limits.ts";

/** The base types a parameter may have, by their spelling. */
export const PARAMETER_BASES: ReadonlyMap<string, BaseScalar> = new Map(
  BASE_SCALARS.map((scalar) => [scalar, scalar]),
);

/** The canonical spelling without `?`: `String`, `[I32]`, `Vector(3)`. */
export function parameterTypeText(type: ParameterTypeAst): string {
  const core = type.dimension === null ? type.base : `${type.base}(${type.dimension})`;
  return type.list ? `[${core}]` : core;
}

function scalarOf(type: ParameterTypeAst): Scalar | null {
  if (type.dimension === null) return PARAMETER_BASES.get(type.base) ?? null;
  if (type.dimension < 1n || type.dimension > VECTOR_DIMENSION_MAX) return null;
  return { Vector: Number(type.dimension) };
}

/** The property type of a parameter; null if it names no type there can be, as `Vector(0)`. */
export function parameterType(parameter: ParameterAst): PropType | null {
  const scalar = scalarOf(parameter.type);
  if (scalar === null) return null;
  return { scalar, nullable: parameter.nullable, list: parameter.type.list, enum_values: null };
}

/** The property type that a canonical spelling means; null for text that is none. */
export function typeOfText(text: string, nullable: boolean): PropType | null {
  const parts = /^(\[)?([A-Za-z0-9]+)(?:\((\d+)\))?(\])?$/.exec(text);
  if (parts === null || (parts[1] === undefined) !== (parts[4] === undefined)) return null;
  const dimension = parts[3] === undefined ? null : BigInt(parts[3]);
  const type = { base: parts[2]!, list: parts[1] !== undefined, dimension, at: 0 };
  const scalar = scalarOf(type);
  return scalar === null ? null : { scalar, nullable, list: type.list, enum_values: null };
}
