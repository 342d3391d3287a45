/**
 * Integers of JSON lines, exactly (spec/schema 3.1): whole numbers in any JSON spelling, checked against the range
 * of the type; 64-bit ones also as decimal text, because many writers of JSON cannot spell them as numbers.
 *
 * Guarantees: pure; no digit is ever lost.
 */
import { type CellDecoder, decoded, outOfRange, wrongType } from "./decoded.ts";
import { isExactNumber, type JsonValue } from "./json-value.ts";
import { INTEGER_DIGITS_MAX } from "./limits.ts";

export type IntegerKind = "i32" | "i64" | "u32" | "u64";

interface IntegerRange {
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
  readonly wide: boolean;
}

const RANGES: Readonly<Record<IntegerKind, IntegerRange>> = {
  i32: { name: "I32", min: -(2n ** 31n), max: 2n ** 31n - 1n, wide: false },
  u32: { name: "U32", min: 0n, max: 2n ** 32n - 1n, wide: false },
  i64: { name: "I64", min: -(2n ** 63n), max: 2n ** 63n - 1n, wide: true },
  u64: { name: "U64", min: 0n, max: 2n ** 64n - 1n, wide: true },
};

const DECIMAL = /^-?(?:0|[1-9]\d*)$/;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

export type ExactInteger =
  | { readonly tag: "integer"; readonly value: bigint }
  | { readonly tag: "huge" }
  | { readonly tag: "not_integer" };

/** The whole number that a JSON number spells. `huge` is one that is far outside every integer type. */
export function exactInteger(value: JsonValue): ExactInteger {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { tag: "integer", value: BigInt(value) } : { tag: "not_integer" };
  }
  const parts = isExactNumber(value) ? NUMBER.exec(value.exact) : null;
  if (!parts) return { tag: "not_integer" };
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return { tag: "integer", value: 0n };
  const zeros = Number(exponent) - fraction.length;
  if (digits.length + zeros > INTEGER_DIGITS_MAX) return { tag: "huge" };
  if (zeros >= 0) return { tag: "integer", value: BigInt(`${sign}${digits}${"0".repeat(zeros)}`) };
  if (-zeros >= digits.length || /[1-9]/.test(digits.slice(zeros))) return { tag: "not_integer" };
  const kept = digits.slice(0, zeros);
  return kept.length > INTEGER_DIGITS_MAX ? { tag: "huge" } : { tag: "integer", value: BigInt(sign + kept) };
}

/** Reads integers of one width; 64-bit ones become bigint, 32-bit ones number. */
export function integerDecoder(kind: IntegerKind): CellDecoder {
  const range = RANGES[kind];
  const wanted = `an integer (${range.name})`;
  const [min, max] = [Number(range.min), Number(range.max)];
  return (label, value) => {
    if (!range.wide && typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return decoded(value + 0);
    }
    const exact = range.wide ? wideInteger(value) : exactInteger(value);
    if (exact.tag === "not_integer") return wrongType(label, wanted, value);
    if (exact.tag === "huge" || exact.value < range.min || exact.value > range.max) {
      return outOfRange(label, wanted, value);
    }
    return decoded(range.wide ? exact.value : Number(exact.value));
  };
}

function wideInteger(value: JsonValue): ExactInteger {
  if (typeof value !== "string") return exactInteger(value);
  if (!DECIMAL.test(value)) return { tag: "not_integer" };
  return value.length > INTEGER_DIGITS_MAX ? { tag: "huge" } : { tag: "integer", value: BigInt(value) };
}
