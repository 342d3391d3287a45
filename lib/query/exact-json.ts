/**
 * JSON whose numbers keep their spelling, because `JSON.parse` cannot tell `3` from `3.0` and loses integers above
 * 2^53 (spec/query 10).
 *
 * Guarantees: total; accepts exactly the texts that `JSON.parse` accepts.
 */

/** A number by its spelling. */
export interface NumberText {
  readonly "\u0000number": string;
}

export type JsonParsed =
  | { readonly tag: "parsed"; readonly value: unknown }
  | { readonly tag: "invalid"; readonly message: string };

const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses a text; each number becomes a `NumberText`. */
export function parseExactJson(text: string): JsonParsed {
  const marked = text.replace(STRING_OR_NUMBER, (found) =>
    found.startsWith('"') ? found : `{"\\u0000number":"${found}"}`,
  );
  try {
    return { tag: "parsed", value: JSON.parse(marked) };
  } catch {
    return { tag: "invalid", message: "the text is not JSON" };
  }
}

/** The spelling of a number, from a text or from a value of the program; null for anything else. */
export function numberText(value: unknown): string | null {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? numberSpelling(value) : null;
  if (typeof value !== "object" || value === null) return null;
  const spelling = (value as Partial<NumberText>)["\u0000number"];
  return typeof spelling === "string" ? spelling : null;
}

/** An integer that a double holds exactly reads as an integer; one that it may not reads as a fraction would. */
function numberSpelling(value: number): string {
  if (!Number.isInteger(value)) return String(value);
  return Number.isSafeInteger(value) ? String(value) : value.toExponential();
}
