/**
 * Floats and vectors of JSON lines (spec/schema 3.1, 9): finite, also after rounding to 32 bits; a vector has exactly
 * the declared number of items.
 *
 * Guarantees: pure. A 32-bit value is stored as the nearest 32-bit float.
 */
import { type CellDecoder, decoded, outOfRange, wrongType } from "./decoded.ts";
import { isExactNumber, isJsonArray, type JsonValue } from "./json-value.ts";

function asDouble(value: JsonValue): number | null {
  if (typeof value === "number") return value;
  return isExactNumber(value) ? Number(value.exact) : null;
}

export const FLOAT64_DECODER: CellDecoder = (label, value) => {
  const double = asDouble(value);
  if (double === null) return wrongType(label, "a number (F64)", value);
  return Number.isFinite(double) ? decoded(double) : outOfRange(label, "a finite number (F64)", value);
};

export const FLOAT32_DECODER: CellDecoder = (label, value) => {
  const double = asDouble(value);
  if (double === null) return wrongType(label, "a number (F32)", value);
  const single = Math.fround(double);
  return Number.isFinite(single) ? decoded(single) : outOfRange(label, "a finite number (F32)", value);
};

/** Reads an array of exactly `dimension` finite numbers. */
export function vectorDecoder(dimension: number): CellDecoder {
  return (label, value) => {
    if (!isJsonArray(value)) return wrongType(label, `an array of ${dimension} numbers (Vector)`, value);
    if (value.length !== dimension) {
      return {
        tag: "fault",
        code: "load_vector_length",
        message: `${label} expects ${dimension} dimensions, got ${value.length}.`,
      };
    }
    const vector = new Float32Array(dimension);
    for (let index = 0; index < dimension; index++) {
      const double = asDouble(value[index] ?? null);
      if (double === null) return badElement(label, index, value[index] ?? null);
      vector[index] = double;
      if (!Number.isFinite(vector[index])) {
        return outOfRange(`${label}[${index}]`, "a finite number (F32)", value[index] ?? null);
      }
    }
    return decoded(vector);
  };
}

function badElement(label: string, index: number, value: JsonValue): ReturnType<CellDecoder> {
  const fault = wrongType(`${label}[${index}]`, "a number", value);
  return fault.tag === "cell"
    ? fault
    : { ...fault, message: `${fault.message} Vector elements must be numeric.` };
}
