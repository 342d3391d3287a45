/**
 * DecodeShape: reading typed members out of strict JSON, collecting every complaint. A complaint names the place by
 * its JSON path; the ledger is written by programs, so a path helps more than a line.
 */
import { isJsonObject, numberText, orderedKeys } from "./json-text.ts";
import { PROBLEMS_MAX } from "./limits.ts";
import type { JsonObject, JsonValue } from "./state.ts";

/** Complaints of one document. */
export interface Complaints {
  readonly messages: string[];
}

/** A place in the document, as people write it: `applied_revision.resources["graph.a"].digest`. */
export type JsonPath = string;

export function member(path: JsonPath, key: string): JsonPath {
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Adds a complaint; after PROBLEMS_MAX of them the rest is left out, because they repeat one cause. */
export function complain(complaints: Complaints, message: string): void {
  if (complaints.messages.length < PROBLEMS_MAX) complaints.messages.push(message);
  else if (complaints.messages.length === PROBLEMS_MAX) complaints.messages.push("there are more problems");
}

function kindOfJson(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" || numberText(value) !== null) return "a number";
  if (typeof value === "string") return "a text";
  return typeof value === "boolean" ? "true or false" : "an object";
}

function expected(complaints: Complaints, path: JsonPath, what: string, value: JsonValue | undefined): void {
  complain(complaints, `${path === "" ? "the document" : path} must be ${what}, not ${kindOfJson(value)}`);
}

/** The object at `path` with no keys but `allowed` (null allows every key), or null after a complaint. */
export function readObject(
  complaints: Complaints,
  path: JsonPath,
  value: JsonValue | undefined,
  allowed: readonly string[] | null,
): JsonObject | null {
  if (!isJsonObject(value)) {
    expected(complaints, path, "an object", value);
    return null;
  }
  for (const key of orderedKeys(value)) {
    if (allowed === null || allowed.includes(key)) continue;
    complain(complaints, `unknown field ${member(path, key)}; known here: ${allowed.join(", ")}`);
  }
  return value;
}

/** A required text; empty after a complaint. */
export function readText(complaints: Complaints, path: JsonPath, value: JsonValue | undefined): string {
  if (typeof value === "string") return value;
  expected(complaints, path, "a text", value);
  return "";
}

/** A text, or undefined if it is absent or null. */
export function readOptionalText(
  complaints: Complaints,
  path: JsonPath,
  value: JsonValue | undefined,
): string | undefined {
  return value === undefined || value === null ? undefined : readText(complaints, path, value);
}

/** A required list of texts; empty after a complaint. */
export function readTexts(
  complaints: Complaints,
  path: JsonPath,
  value: JsonValue | undefined,
): readonly string[] {
  if (!Array.isArray(value)) {
    expected(complaints, path, "a list of texts", value);
    return [];
  }
  const items: readonly JsonValue[] = value;
  return items.map((item, index) => readText(complaints, `${path}[${index}]`, item));
}

/** One of the given texts, or null after a complaint. */
export function readOneOf<Text extends string>(
  complaints: Complaints,
  path: JsonPath,
  value: JsonValue | undefined,
  texts: readonly Text[],
): Text | null {
  const hit = texts.find((text) => text === value);
  if (hit !== undefined) return hit;
  const seen = typeof value === "string" ? JSON.stringify(value) : kindOfJson(value);
  complain(complaints, `${path} must be one of ${texts.join(", ")}, not ${seen}`);
  return null;
}
