/**
 * From the spelling of a literal to its value (spec/query 1, 3.2).
 *
 * Guarantees: total; a spelling that the parser invented while recovering from an error gives an empty value.
 */
import { INTEGER_DIGITS_MAX } from "./limits.ts";

export type DecodedText =
  | { readonly tag: "decoded"; readonly value: string }
  /** `escape` is the two characters that mean nothing, at `offset` from the opening quote. */
  | { readonly tag: "bad_escape"; readonly escape: string; readonly offset: number };

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The value of a string literal, quotes included in `spelling`. */
export function decodeText(spelling: string): DecodedText {
  const inner = spelling.slice(1, -1);
  let from = inner.indexOf("\\");
  if (from === -1) return { tag: "decoded", value: inner };
  let value = "";
  let done = 0;
  while (from !== -1) {
    const plain = ESCAPES.get(inner[from + 1] ?? "");
    if (plain === undefined) {
      return { tag: "bad_escape", escape: inner.slice(from, from + 2), offset: from + 1 };
    }
    value += inner.slice(done, from) + plain;
    done = from + 2;
    from = inner.indexOf("\\", done);
  }
  return { tag: "decoded", value: value + inner.slice(done) };
}

/** The value of a run of digits; one that is too long for any use is cut to a number that is still too large. */
export function decodeInteger(spelling: string): bigint {
  if (!/^[0-9]+$/.test(spelling)) return 0n;
  return BigInt(spelling.replace(/^0+(?=[0-9])/, "").slice(0, INTEGER_DIGITS_MAX));
}

/** The value of digits, a dot, digits; infinite if a double cannot hold it. */
export function decodeFloat(spelling: string): number {
  const value = Number(spelling);
  return Number.isNaN(value) ? 0 : value;
}
