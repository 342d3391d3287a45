/**
 * The shortest decimal text of a float that reads back as the same float (spec/schema 4.1, appendix B).
 *
 * Guarantees: pure; for every finite 32-bit value v, `Math.fround(Number(shortestFloat32(v)))` is v, sign of zero
 * included; the same for doubles.
 */

import { FLOAT32_DIGITS_MAX, FLOAT32_DIGITS_MIN } from "./limits.ts";

export function shortestFloat32(value: number): string {
  if (Object.is(value, -0)) return "-0";
  for (let digits = FLOAT32_DIGITS_MIN; digits < FLOAT32_DIGITS_MAX; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return shortestFloat64(candidate);
  }
  return shortestFloat64(Number(value.toPrecision(FLOAT32_DIGITS_MAX)));
}

export function shortestFloat64(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The same number without an exponent: `1e21` becomes 22 digits; both zeros are `0`. */
export function withoutExponent(text: string): string {
  if (Number(text) === 0) return "0";
  const parts = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!parts) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
