/** JSON of a stored document, within a size limit, as an object of unknown values; never throws. */
export type JsonParsed =
  | { readonly tag: "object"; readonly value: Readonly<Record<string, unknown>> }
  | { readonly tag: "broken"; readonly detail: string };

/** The JSON object in the bytes. */
export function parseJsonObject(bytes: Uint8Array, bytesMax: number): JsonParsed {
  if (bytes.length > bytesMax) return { tag: "broken", detail: `it is larger than ${bytesMax} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { tag: "broken", detail: "it is not JSON in UTF-8" };
  }
  return isObject(value) ? { tag: "object", value } : { tag: "broken", detail: "it is not a JSON object" };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
