/**
 * Strict JSON that loses nothing: the ledger's free-form maps are written by other tools too, and what we do not
 * understand must come out as it went in (spec/cluster 4.3).
 *
 * JavaScript's own values would lose two things, so both are kept under symbol keys that copies by spread preserve:
 * the text of a number that a JavaScript number would write differently (`1.0`, `1e5`, 2^60), and the order of keys
 * that look like array indices. To everyone else such a number is an empty object that serialises as a number.
 *
 * Guarantees: pure. Parsing refuses what RFC 8259 refuses, and also duplicate keys, lone surrogates and nesting
 * beyond JSON_DEPTH_MAX, with line and column. `writeJson(parse(t)) = t` for every `t` in the ledger's layout.
 */
import { assert } from "../digest/assert.ts";
import { JSON_DEPTH_MAX } from "./limits.ts";
import type { JsonObject, JsonValue } from "./state.ts";

const NUMBER_TEXT = Symbol("number text");
const KEY_ORDER = Symbol("key order");
const ARRAY_INDEX = /^(?:0|[1-9][0-9]*)$/;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;

export type JsonParse =
  | { readonly tag: "parsed"; readonly value: JsonValue }
  | { readonly tag: "invalid"; readonly message: string; readonly line: number; readonly column: number };

interface Cursor {
  readonly text: string;
  at: number;
  /** Where and why parsing stopped; set once. */
  problem: { readonly at: number; readonly message: string } | null;
}

/** The text of a number that JavaScript would write differently, or null for every other value. */
export function numberText(value: JsonValue): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const text: unknown = Reflect.get(value, NUMBER_TEXT);
  return typeof text === "string" ? text : null;
}

/** True for a JSON object; false for arrays, null and kept numbers. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && numberText(value) === null;
}

/** An object with the entries in this order, also where JavaScript would order its keys otherwise. */
export function orderedObject(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object: JsonObject = Object.fromEntries(entries);
  if (!entries.some(([key]) => ARRAY_INDEX.test(key))) return object;
  return Object.assign(object, { [KEY_ORDER]: entries.map(([key]) => key) });
}

/** Keys of an object in the order in which they were read; keys added later come last. */
export function orderedKeys(object: JsonObject): readonly string[] {
  const keys = Object.keys(object);
  const order: unknown = Reflect.get(object, KEY_ORDER);
  if (!Array.isArray(order)) return keys;
  const known = new Set<unknown>(order);
  return [...order.filter((key) => Object.hasOwn(object, key)), ...keys.filter((key) => !known.has(key))];
}

/** The value of a JSON text, or where and why it is none. */
export function parseJson(text: string): JsonParse {
  const cursor: Cursor = { text, at: 0, problem: null };
  const value = parseValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.problem === null && cursor.at < text.length) fail(cursor, "unexpected text after the document");
  if (cursor.problem === null) return { tag: "parsed", value };
  const before = text.slice(0, cursor.problem.at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { tag: "invalid", message: cursor.problem.message, line: before.length, column };
}

export type PlainJsonParse =
  | { readonly tag: "parsed"; readonly value: unknown }
  | Extract<JsonParse, { tag: "invalid" }>;

/** The same for the bytes of a document of ours, as JavaScript's own values: its formats need nothing more. */
export function parseJsonBytes(bytes: Uint8Array): PlainJsonParse {
  const text = Buffer.from(bytes).toString("utf8");
  const strict = parseJson(text);
  return strict.tag === "invalid" ? strict : { tag: "parsed", value: JSON.parse(text) };
}

function fail(cursor: Cursor, message: string, at = cursor.at): null {
  cursor.problem ??= { at, message };
  return null;
}

function skipSpace(cursor: Cursor): void {
  SPACE.lastIndex = cursor.at;
  cursor.at += SPACE.exec(cursor.text)?.[0].length ?? 0;
}

function accept(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  return true;
}

function parseValue(cursor: Cursor, depth: number): JsonValue {
  if (depth > JSON_DEPTH_MAX) return fail(cursor, `nested deeper than ${JSON_DEPTH_MAX} levels`);
  skipSpace(cursor);
  switch (cursor.text[cursor.at]) {
    case "{":
      return parseObject(cursor, depth);
    case "[":
      return parseArray(cursor, depth);
    case '"':
      return parseString(cursor);
    case "t":
      return parseWord(cursor, "true", true);
    case "f":
      return parseWord(cursor, "false", false);
    case "n":
      return parseWord(cursor, "null", null);
    case undefined:
      return fail(cursor, "the document ends too early");
    default:
      return parseNumber(cursor);
  }
}

function parseWord(cursor: Cursor, word: string, value: JsonValue): JsonValue {
  if (!cursor.text.startsWith(word, cursor.at)) return fail(cursor, "expected a value");
  cursor.at += word.length;
  return value;
}

function parseNumber(cursor: Cursor): JsonValue {
  NUMBER.lastIndex = cursor.at;
  const text = NUMBER.exec(cursor.text)?.[0];
  if (text === undefined) return fail(cursor, "expected a value");
  cursor.at += text.length;
  const value = Number(text);
  if (JSON.stringify(value) === text) return value;
  const kept = Object.defineProperty({}, "toJSON", { value: () => value });
  return Object.assign(kept, { [NUMBER_TEXT]: text });
}

function parseString(cursor: Cursor): string {
  const start = cursor.at;
  let end = start + 1;
  for (;;) {
    const code = cursor.text.charCodeAt(end);
    if (Number.isNaN(code)) {
      fail(cursor, "a text is not closed", start);
      return "";
    }
    if (code < 0x20) {
      fail(cursor, "a control character stands unescaped in a text", end);
      return "";
    }
    if (code === 0x22) break;
    end += code === 0x5c ? 2 : 1;
  }
  cursor.at = end + 1;
  const value = unescapeText(cursor.text.slice(start, end + 1));
  if (value === null) fail(cursor, "a text has an escape that JSON does not know", start);
  else if (LONE_SURROGATE.test(value)) fail(cursor, "a text has half of a surrogate pair", start);
  return value ?? "";
}

const LEGAL_ESCAPES = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/g;

/** The text between the quotes, or null if an escape is none of JSON's. */
function unescapeText(quoted: string): string | null {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  if (quoted.replace(LEGAL_ESCAPES, "").includes("\\")) return null;
  const value: unknown = JSON.parse(quoted);
  assert(typeof value === "string", "a quoted text with legal escapes parses to a text");
  return value;
}

function parseArray(cursor: Cursor, depth: number): JsonValue {
  cursor.at += 1;
  const items: JsonValue[] = [];
  if (accept(cursor, "]")) return items;
  while (cursor.problem === null) {
    items.push(parseValue(cursor, depth + 1));
    if (cursor.problem !== null || accept(cursor, "]")) break;
    if (!accept(cursor, ",")) fail(cursor, "expected `,` or `]`");
  }
  return items;
}

function parseObject(cursor: Cursor, depth: number): JsonValue {
  cursor.at += 1;
  const entries = new Map<string, JsonValue>();
  if (accept(cursor, "}")) return {};
  while (cursor.problem === null) {
    skipSpace(cursor);
    const keyAt = cursor.at;
    if (cursor.text[keyAt] !== '"') return fail(cursor, "expected a key in quotes");
    const key = parseString(cursor);
    if (entries.has(key)) return fail(cursor, `the key ${JSON.stringify(key)} is given twice`, keyAt);
    if (!accept(cursor, ":")) return fail(cursor, "expected `:`");
    entries.set(key, parseValue(cursor, depth + 1));
    if (cursor.problem !== null || accept(cursor, "}")) break;
    if (!accept(cursor, ",")) fail(cursor, "expected `,` or `}`");
  }
  return orderedObject([...entries]);
}

/** Two-space layout with one element a line and empty containers closed up; no trailing newline. */
export function writeJson(value: JsonValue): string {
  const parts: string[] = [];
  write(value, "\n", parts);
  return parts.join("");
}

function write(value: JsonValue, newline: string, parts: string[]): void {
  const number = numberText(value);
  if (number !== null) parts.push(number);
  else if (Array.isArray(value)) writeItems(value, newline, parts);
  else if (isJsonObject(value)) writeMembers(value, newline, parts);
  else parts.push(writeScalar(value));
}

function writeItems(items: readonly JsonValue[], newline: string, parts: string[]): void {
  if (items.length === 0) {
    parts.push("[]");
    return;
  }
  const inner = `${newline}  `;
  for (const [index, item] of items.entries()) {
    parts.push(index === 0 ? "[" : ",", inner);
    write(item, inner, parts);
  }
  parts.push(newline, "]");
}

function writeMembers(object: JsonObject, newline: string, parts: string[]): void {
  const keys = orderedKeys(object);
  if (keys.length === 0) {
    parts.push("{}");
    return;
  }
  const inner = `${newline}  `;
  for (const [index, key] of keys.entries()) {
    parts.push(index === 0 ? "{" : ",", inner, JSON.stringify(key), ": ");
    write(object[key] ?? null, inner, parts);
  }
  parts.push(newline, "}");
}

function writeScalar(value: JsonValue): string {
  assert(typeof value !== "number" || Number.isFinite(value), "a number in the ledger is finite");
  assert(typeof value !== "string" || !LONE_SURROGATE.test(value), "a text in the ledger is well-formed");
  return JSON.stringify(value);
}
