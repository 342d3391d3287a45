/**
 * From the spelling of a literal to its value (spec/query 1, 3.2).
 *
 * Guarantees: total; a spelling that the parser invented while recovering from an error gives an empty value.
 */

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

/** The value of a run of digits. */
export function decodeInteger(spelling: string): bigint {
  return /^[0-9]+$/.test(spelling) ? BigInt(spelling) : 0n;
}

/** The value of digits, a dot, digits. */
export function decodeFloat(spelling: string): number {
  const value = Number(spelling);
  return Number.isFinite(value) ? value : 0;
}
