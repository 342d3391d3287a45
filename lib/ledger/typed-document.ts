/** Documents of ours: bounded, strict JSON of one shape. Pure; what is wrong with one is said in words. */
import type { z } from "zod";
import { parseJsonBytes } from "./json-text.ts";

export type DocumentReading<Value> =
  | { readonly tag: "read"; readonly value: Value }
  | { readonly tag: "invalid"; readonly detail: string };

/** The document in `bytes`, or what is wrong with them first. */
export function readDocument<Value>(
  bytes: Uint8Array,
  shape: z.ZodType<Value>,
  bytes_max: number,
): DocumentReading<Value> {
  if (bytes.length > bytes_max) return { tag: "invalid", detail: `it is longer than ${bytes_max} bytes` };
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "read", value: parsed.data };
  return { tag: "invalid", detail: firstIssue(parsed.error) };
}

/** Where a value leaves its shape first, and how. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`;
}
