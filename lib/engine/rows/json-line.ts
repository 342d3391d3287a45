/**
 * Parses one JSON line strictly and without loss (RFC 8259): integers of any size keep their text, a key that appears
 * twice in one object is an error, so is a lone surrogate, which no UTF-8 file can hold. A fault names its column.
 *
 * `JSON.parse` does none of that: it rounds 64-bit integers and silently keeps the last of two equal keys. Numbers
 * become doubles wherever a double is exact enough for every property type, so vectors stay cheap.
 */
import type { JsonObject, JsonValue } from "./json-value.ts";
import { JSON_DEPTH_LEVELS_MAX } from "./limits.ts";

/** Columns (1-based) of the values of each object, by key. Recorded only when somebody has to point at one. */
export type JsonPlaces = Map<JsonObject, Map<string, number>>;

export type ParsedJson =
  | { readonly tag: "parsed"; readonly value: JsonValue }
  | { readonly tag: "broken"; readonly column: number; readonly problem: string };

interface Cursor {
  readonly text: string;
  at: number;
  /** Raw control characters are rare: strings are searched for them only if the line has one at all. */
  readonly controls: boolean;
  readonly places: JsonPlaces | null;
  problem: string | null;
}

const BROKEN = Symbol("broken");
type Parsed = JsonValue | typeof BROKEN;

/** Anything below a space. */
const CONTROL = /[^ -\u{10ffff}]/u;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** With so few characters a double tells every decimal from its neighbours. */
const DOUBLE_SAFE_CHARACTERS = 15;

/** The value of a line that holds exactly one. */
export function parseJsonLine(text: string, places: JsonPlaces | null = null): ParsedJson {
  const cursor: Cursor = { text, at: 0, controls: CONTROL.test(text), places, problem: null };
  const value = parseValue(cursor, 0);
  if (value !== BROKEN) {
    skipSpace(cursor);
    if (cursor.at === text.length) return { tag: "parsed", value };
    fail(cursor, "there is text after the end of the value");
  }
  return { tag: "broken", column: cursor.at + 1, problem: cursor.problem ?? "the JSON is broken" };
}

function fail(cursor: Cursor, problem: string): typeof BROKEN {
  cursor.problem ??= problem;
  return BROKEN;
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a) return;
    cursor.at++;
  }
}

function parseValue(cursor: Cursor, depth: number): Parsed {
  skipSpace(cursor);
  const first = cursor.text[cursor.at];
  if (first === '"') return parseString(cursor);
  if (first === "{") return parseObject(cursor, depth + 1);
  if (first === "[") return parseArray(cursor, depth + 1);
  if (first === "t") return parseWord(cursor, "true", true);
  if (first === "f") return parseWord(cursor, "false", false);
  if (first === "n") return parseWord(cursor, "null", null);
  if (first === undefined) return fail(cursor, "the line ends where a value is expected");
  return parseNumber(cursor);
}

function parseWord(cursor: Cursor, word: string, value: JsonValue): Parsed {
  if (!cursor.text.startsWith(word, cursor.at)) return fail(cursor, "a value is expected here");
  cursor.at += word.length;
  return value;
}

function parseObject(cursor: Cursor, depth: number): Parsed {
  if (depth > JSON_DEPTH_LEVELS_MAX)
    return fail(cursor, `the value nests deeper than ${JSON_DEPTH_LEVELS_MAX} levels`);
  const object = new Map<string, JsonValue>();
  const columns = cursor.places ? new Map<string, number>() : null;
  if (columns) cursor.places?.set(object, columns);
  cursor.at++;
  if (closes(cursor, "}")) return object;
  for (;;) {
    skipSpace(cursor);
    const keyAt = cursor.at;
    if (cursor.text[keyAt] !== '"') return fail(cursor, "a key in double quotes is expected here");
    const key = parseString(cursor);
    if (key === BROKEN) return BROKEN;
    if (object.has(key)) {
      cursor.at = keyAt;
      return fail(cursor, `the key ${JSON.stringify(key)} appears twice`);
    }
    skipSpace(cursor);
    if (cursor.text[cursor.at] !== ":") return fail(cursor, "a colon is expected after the key");
    cursor.at++;
    skipSpace(cursor);
    columns?.set(key, cursor.at + 1);
    const value = parseValue(cursor, depth);
    if (value === BROKEN) return BROKEN;
    object.set(key, value);
    const next = separator(cursor, "}");
    if (next === BROKEN) return BROKEN;
    if (next === "end") return object;
  }
}

function parseArray(cursor: Cursor, depth: number): Parsed {
  if (depth > JSON_DEPTH_LEVELS_MAX)
    return fail(cursor, `the value nests deeper than ${JSON_DEPTH_LEVELS_MAX} levels`);
  const items: JsonValue[] = [];
  cursor.at++;
  if (closes(cursor, "]")) return items;
  for (;;) {
    const value = parseValue(cursor, depth);
    if (value === BROKEN) return BROKEN;
    items.push(value);
    const next = separator(cursor, "]");
    if (next === BROKEN) return BROKEN;
    if (next === "end") return items;
  }
}

function closes(cursor: Cursor, close: "}" | "]"): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== close) return false;
  cursor.at++;
  return true;
}

function separator(cursor: Cursor, close: "}" | "]"): "more" | "end" | typeof BROKEN {
  if (closes(cursor, close)) return "end";
  if (cursor.text[cursor.at] !== ",") return fail(cursor, `a comma or ${close} is expected here`);
  cursor.at++;
  return "more";
}

function parseString(cursor: Cursor): string | typeof BROKEN {
  const start = cursor.at;
  const end = stringEnd(cursor.text, start + 1);
  if (end === -1) return fail(cursor, "the text that begins here has no closing quote");
  const raw = cursor.text.slice(start + 1, end);
  if (cursor.controls && CONTROL.test(raw))
    return fail(cursor, "the text holds a control character that must be escaped");
  if (!raw.includes("\\")) {
    cursor.at = end + 1;
    return raw;
  }
  const decoded = decodeEscapes(raw);
  if (decoded === null) return fail(cursor, "the text holds an escape that JSON does not know");
  if (LONE_SURROGATE.test(decoded))
    return fail(cursor, "the text holds half of a surrogate pair, which is no character");
  cursor.at = end + 1;
  return decoded;
}

/** Index of the quote that closes a string whose content begins at `from`; -1 if there is none. */
function stringEnd(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (quote - 1 - backslashes >= from && text.charCodeAt(quote - 1 - backslashes) === 0x5c)
      backslashes++;
    if (backslashes % 2 === 0) return quote;
  }
  return -1;
}

const ESCAPES = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt])|(.?))/gs;
const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function decodeEscapes(raw: string): string | null {
  let sound = true;
  const decoded = raw.replace(ESCAPES, (_whole, hex?: string, simple?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (simple !== undefined) return SIMPLE_ESCAPES[simple] ?? "";
    sound = false;
    return "";
  });
  return sound ? decoded : null;
}

function parseNumber(cursor: Cursor): Parsed {
  const { text } = cursor;
  const start = cursor.at;
  let at = text.charCodeAt(start) === 0x2d ? start + 1 : start;
  const whole = digitsEnd(text, at);
  if (whole === at) return fail(cursor, "a value is expected here");
  if (whole - at > 1 && text.charCodeAt(at) === 0x30) return fail(cursor, "a number has no leading zero");
  at = whole;
  let plain = true;
  if (text.charCodeAt(at) === 0x2e) {
    const fraction = digitsEnd(text, at + 1);
    if (fraction === at + 1) return fail(cursor, "a number has digits after its point");
    at = fraction;
    plain = false;
  }
  const exponent = text.charCodeAt(at) | 0x20;
  if (exponent === 0x65) {
    const sign = text.charCodeAt(at + 1);
    const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
    const end = digitsEnd(text, digits);
    if (end === digits) return fail(cursor, "a number has digits after its exponent sign");
    cursor.at = end;
    return { exact: text.slice(start, end) };
  }
  cursor.at = at;
  return numberValue(text.slice(start, at), plain);
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) at++;
  return at;
}

function numberValue(text: string, plain: boolean): JsonValue {
  const value = Number(text);
  if (plain) return Number.isSafeInteger(value) ? value : { exact: text };
  // A long fraction may round to a whole double without being whole; an integer property must not take it for one.
  return text.length > DOUBLE_SAFE_CHARACTERS && Number.isInteger(value) ? { exact: text } : value;
}
