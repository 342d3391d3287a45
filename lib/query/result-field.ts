/**
 * The columns of a result as they are known before a run (spec/query 7), and the names that a run gives to columns
 * without an alias (spec/query 11.6, W-04).
 */
import { assertNever } from "../digest/assert.ts";
import { isVector, type PropType, type Scalar } from "../schema/prop-type.ts";
import type { AggregateCall, Expression } from "./ast.ts";
import type { ResultField } from "./facts.ts";
import type { Operand } from "./operand.ts";

type FieldType = Omit<ResultField, "name">;

function scalarKind(scalar: Scalar): string {
  if (isVector(scalar)) return "vector";
  switch (scalar) {
    case "String":
      return "string";
    case "Bool":
      return "bool";
    case "I32":
    case "U32":
      return "int";
    case "I64":
    case "U64":
      return "bigint";
    case "F32":
    case "F64":
      return "float";
    case "Date":
      return "date";
    case "DateTime":
      return "datetime";
    case "Blob":
      return "blob";
    default:
      return assertNever(scalar);
  }
}

/** How a property type reads in a result or a parameter list. */
export function fieldType(type: PropType): FieldType {
  const kind = scalarKind(type.scalar);
  if (type.list) return { kind: "list", nullable: type.nullable, item_kind: kind };
  if (isVector(type.scalar)) return { kind, nullable: type.nullable, vector_dim: type.scalar.Vector };
  return { kind, nullable: type.nullable };
}

/** The static name of a projection without an alias. */
export function defaultName(expression: Expression): string {
  switch (expression.kind) {
    case "property":
      return expression.property.text;
    case "variable":
    case "alias":
      return expression.name;
    case "text":
    case "aggregate":
      return expression.function;
    case "now":
    case "nearest":
    case "rrf":
      return expression.kind;
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      return "literal";
    default:
      return assertNever(expression);
  }
}

/** The name that a run gives to a projection without an alias. */
export function executedName(expression: Expression): string {
  if (expression.kind === "property") return `${expression.variable}.${expression.property.text}`;
  if (expression.kind === "aggregate") return executedName(expression.argument);
  return defaultName(expression);
}

const COUNT_TYPE: FieldType = { kind: "bigint", nullable: true };

function aggregateType(call: AggregateCall, argument: PropType | null): FieldType {
  switch (call.function) {
    case "count":
      return COUNT_TYPE;
    case "sum":
    case "avg":
      return { kind: "float", nullable: true };
    case "min":
    case "max":
      return { ...(argument === null ? { kind: "bigint" } : fieldType(argument)), nullable: true };
    default:
      return assertNever(call.function);
  }
}

/** The column of a projection. */
export function resultField(expression: Expression, alias: string | null, operand: Operand): ResultField {
  const name = alias ?? defaultName(expression);
  switch (operand.kind) {
    case "value":
      return { name, ...fieldType(operand.type) };
    case "node":
      return { name, kind: "object", nullable: false };
    case "aggregate":
      return {
        name,
        ...(expression.kind === "aggregate" ? aggregateType(expression, operand.argument) : COUNT_TYPE),
      };
    case "unknown":
      return { name, ...COUNT_TYPE };
    default:
      return assertNever(operand);
  }
}
