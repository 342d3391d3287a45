/**
 * RequestRecord: what became of a request with an idempotency key, `requests/<digest>.json` among the records of the
 * deployment. The digest is of cluster, caller and key, so that nobody meets the request of somebody else.
 *
 * Guarantees: pure. Field order is the JSON order; the format changes only with `format_version`; reading is strict. No
 * two versions have equal bytes, because each names the attempt that wrote it.
 */
import { z } from "zod";
import { sha256 } from "../digest/digest.ts";
import { isUlid } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const REQUEST_FORMAT_VERSION = 1;

export interface KeptAnswer {
  readonly status: number;
  readonly content_type: string;
  readonly body: string;
}

export interface RequestRecord {
  readonly format_version: typeof REQUEST_FORMAT_VERSION;
  /** Of method, path and body. */
  readonly request_digest: string;
  /** ULID of the write that made this version. */
  readonly change_id: string;
  /** RFC 3339 UTC; null: nobody works on it, and the next repetition does. */
  readonly begun_at: string | null;
  /** Null until the request has done what it asked for. */
  readonly answer: KeptAnswer | null;
}

const shape = z.strictObject({
  format_version: z.literal(REQUEST_FORMAT_VERSION),
  request_digest: z.string(),
  change_id: z.string().refine(isUlid, "is not a ULID"),
  begun_at: z.iso.datetime().nullable(),
  answer: z.strictObject({ status: z.int(), content_type: z.string(), body: z.string() }).nullable(),
});

/** Whose request it is. */
export interface RequestOwner {
  readonly cluster: string;
  readonly canonical: string;
  readonly key: string;
}

export function requestKey({ cluster, canonical, key }: RequestOwner): StoreKey {
  return storeKey(`requests/${sha256(JSON.stringify([cluster, canonical, key]))}.json`);
}

export function encodeRequest(record: RequestRecord): Uint8Array {
  const document: RequestRecord = {
    format_version: record.format_version,
    request_digest: record.request_digest,
    change_id: record.change_id,
    begun_at: record.begun_at,
    answer: record.answer,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The record in `bytes`, or null if they are none of this format. */
export function decodeRequest(bytes: Uint8Array): RequestRecord | null {
  const document = parseJsonBytes(bytes);
  const parsed = document.tag === "invalid" ? null : shape.safeParse(document.value);
  return parsed?.success === true ? parsed.data : null;
}
