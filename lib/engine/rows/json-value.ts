/**
 * JsonValue: one value of a JSON line, without loss. Numbers that a double would change keep their text, and objects
 * are maps, so that a property may have any name (spec/schema 1.1 admits `__proto__`).
 *
 * Guarantees: pure data.
 */
import { SHOWN_CHARACTERS_MAX } from "./limits.ts";

/** A number whose text a double does not carry exactly, or whose integer value needs a closer look (`1e3`). */
export interface ExactNumber {
  readonly exact: string;
}

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonArray = readonly JsonValue[];
export type JsonValue = null | boolean | string | number | ExactNumber | JsonArray | JsonObject;

export function isJsonObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

export function isJsonArray(value: JsonValue): value is JsonArray {
  return Array.isArray(value);
}

export function isExactNumber(value: JsonValue): value is ExactNumber {
  return typeof value === "object" && value !== null && !isJsonArray(value) && !isJsonObject(value);
}

/** The value as a message shows it: JSON, cut to a readable length. */
export function showJson(value: JsonValue): string {
  const text = jsonText(value, SHOWN_CHARACTERS_MAX + 1);
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`;
}

function jsonText(value: JsonValue, budget: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, budget));
  if (isExactNumber(value)) return value.exact;
  if (isJsonArray(value))
    return `[${firstParts(value.length, (index) => jsonText(value[index]!, budget), budget)}]`;
  if (!isJsonObject(value)) return String(value);
  const entries = [...value];
  const part = (index: number): string => {
    const [key, inner] = entries[index]!;
    return `${JSON.stringify(key)}:${jsonText(inner, budget)}`;
  };
  return `{${firstParts(entries.length, part, budget)}}`;
}

function firstParts(count: number, part: (index: number) => string, budget: number): string {
  let text = "";
  for (let index = 0; index < count && text.length < budget; index++)
    text += (index === 0 ? "" : ",") + part(index);
  return text;
}
