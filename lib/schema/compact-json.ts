/**
 * Compact JSON, the text that schema digests are taken of (spec/schema 6.1, B): no spaces, members in the order of
 * the object, non-ASCII characters as they are, `undefined` members left out.
 *
 * Integers may be bigints and are written exactly. A number under the key `Float` is written as a double, with a
 * decimal point or an exponent, so that `{"Float":1.0}` never reads as an integer.
 */

/** The compact JSON of plain data: objects, arrays, texts, numbers, bigints, booleans and null. */
export function compactJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(compactJson).join(",")}]`;
  let members = "";
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const text = key === "Float" && typeof member === "number" ? formatDouble(member) : compactJson(member);
    members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${text}`;
  }
  return `{${members}}`;
}

/** Doubles whose decimal point lies above the first or up to the second place are written with an exponent. */
const EXPONENT_ABOVE = 16;
const EXPONENT_UP_TO = -5;

/** The shortest text that reads back as `value`: `0.5`, `3.0`, `1e16`, `1.5e-7`. */
export function formatDouble(value: number): string {
  const negative = value < 0 || Object.is(value, -0);
  const [mantissa, exponentText] = Math.abs(value).toExponential().split("e");
  const digits = mantissa!.replace(".", "");
  const point = Number(exponentText) + 1;
  return `${negative ? "-" : ""}${placePoint(digits, point)}`;
}

/** `digits` with the decimal point behind the first `point` of them. */
function placePoint(digits: string, point: number): string {
  if (point > EXPONENT_ABOVE || point <= EXPONENT_UP_TO) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits[0]}${rest}e${point - 1}`;
  }
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${digits.padEnd(point, "0")}.0`;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
