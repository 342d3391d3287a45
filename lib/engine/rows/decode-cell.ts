/**
 * One JSON value as one cell, strictly (spec/schema 3.1, 9): a value of the wrong type is an error, never a null.
 *
 * Guarantees: pure. What is accepted is written back by `encode-cell.ts` as JSON that reads as the same cell.
 */
import { assertNever } from "../../digest/assert.ts";
import { type BaseScalar, isVector, type PropType } from "../../schema/prop-type.ts";
import type { Cell } from "../tables.ts";
import { type CellDecoder, decoded, wrongType } from "./decoded.ts";
import { FLOAT32_DECODER, FLOAT64_DECODER, vectorDecoder } from "./float-cell.ts";
import { integerDecoder } from "./integer-cell.ts";
import { isJsonArray } from "./json-value.ts";
import {
  BLOB_DECODER,
  BOOL_DECODER,
  DATE_DECODER,
  DATE_TIME_DECODER,
  enumDecoder,
  TEXT_DECODER,
} from "./text-cell.ts";

/** The decoder of a type's values that are not null. */
export function cellDecoder(type: PropType): CellDecoder {
  if (isVector(type.scalar)) return vectorDecoder(type.scalar.Vector);
  const item = type.enum_values ? enumDecoder(type.enum_values) : scalarDecoder(type.scalar);
  return type.list ? listDecoder(item) : item;
}

function scalarDecoder(scalar: BaseScalar): CellDecoder {
  switch (scalar) {
    case "String":
      return TEXT_DECODER;
    case "Blob":
      return BLOB_DECODER;
    case "Bool":
      return BOOL_DECODER;
    case "I32":
      return integerDecoder("i32");
    case "I64":
      return integerDecoder("i64");
    case "U32":
      return integerDecoder("u32");
    case "U64":
      return integerDecoder("u64");
    case "F32":
      return FLOAT32_DECODER;
    case "F64":
      return FLOAT64_DECODER;
    case "Date":
      return DATE_DECODER;
    case "DateTime":
      return DATE_TIME_DECODER;
    default:
      return assertNever(scalar);
  }
}

/** Every item is checked; the language has no nullable items, so null is none. */
function listDecoder(item: CellDecoder): CellDecoder {
  return (label, value) => {
    if (!isJsonArray(value)) return wrongType(label, "an array", value);
    const cells: Cell[] = [];
    for (let index = 0; index < value.length; index++) {
      const outcome = item(`${label}[${index}]`, value[index] ?? null);
      if (outcome.tag === "fault") return outcome;
      cells.push(outcome.cell);
    }
    return decoded(cells);
  };
}
