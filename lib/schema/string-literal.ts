/** String literals: decoding of the five escapes of spec/schema 1.1. There is no `\u`. */

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", r: "\r", t: "\t" };

export type StringLiteral =
  | { readonly tag: "decoded"; readonly text: string }
  | { readonly tag: "invalid"; readonly escape: string };

/** The text that a literal, quotes included, stands for; or its first unknown escape. */
export function decodeStringLiteral(literal: string): StringLiteral {
  let unknown: string | null = null;
  const text = literal.slice(1, -1).replace(/\\([\s\S])/gu, (_, escaped: string) => {
    const decoded = ESCAPES[escaped];
    if (decoded === undefined) unknown ??= escaped;
    return decoded ?? "";
  });
  return unknown === null ? { tag: "decoded", text } : { tag: "invalid", escape: `\\${unknown}` };
}

/** The literal that stands for `text`; the inverse of decoding. */
export function encodeStringLiteral(text: string): string {
  const escaped = text
    .replace(/["\\]/g, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t");
  return `"${escaped}"`;
}
