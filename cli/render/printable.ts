/**
 * Printable: text that somebody else chose (keys of rows, names, reasons, answers of a server) as one line that shows
 * all of its characters. Raw it could move the cursor, write to the clipboard, forge a line of a plan or turn the order
 * of what follows; here each such character is an escape that can be seen. It is for reading, not for reading back: a
 * backslash of the text itself stays as it is. Pure; printing twice is printing once.
 */

/**
 * Controls (C0, DEL and C1), line and paragraph separators, halves of pairs, and all that is invisible or turns the
 * direction of writing (format characters and what Unicode lets programs ignore).
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text on one line, with `\n`, `\u001b` or `\u{e0001}` for what does not show itself. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? escapeOf(character));
}

/** The escape that JSON and JavaScript share, for all but the rare characters beyond four hexadecimal digits. */
function escapeOf(character: string): string {
  const hex = character.codePointAt(0)!.toString(16);
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, "0")}`;
}

/**
 * A document with every text in it printable, also the names of members: what a renderer does first, so that nothing
 * it puts into a line was forgotten. What is neither a text, a list nor a plain object stays as it is.
 */
export function printableFields<Document>(document: Document): Document {
  return printableValue(document) as Document;
}

function printableValue(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(printableValue);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [printable(name), printableValue(member)]),
  );
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
