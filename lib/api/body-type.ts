/**
 * The type of a body, as the request states it. A body that is sent as something else is not read as what it might be: a
 * form that a page of a browser can send without asking is no request of this API. An empty body needs no type.
 */
import { BODY_TYPE_SHOWN_CHARACTERS_MAX } from "./limits.ts";
import { type Refusal, refusal } from "./problem.ts";

export const JSON_TYPES: readonly string[] = ["application/json"];
export const ARCHIVE_TYPES: readonly string[] = ["application/zip", "application/octet-stream"];

/** Null: it is one of `types`. */
export function wrongType({ headers }: Request, bytes: Uint8Array, types: readonly string[]): Refusal | null {
  if (bytes.length === 0) return null;
  const stated = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (types.includes(stated)) return null;
  const is =
    stated === ""
      ? "without a stated type"
      : `of the type ${stated.slice(0, BODY_TYPE_SHOWN_CHARACTERS_MAX)}`;
  const message = `The body of the request is ${is}; here it is ${types.join(" or ")}.`;
  return refusal(415, "api_media_type_unsupported", "content-type", message);
}
