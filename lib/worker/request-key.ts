/**
 * Request keys: one key of one actor is one run, for ever (design 7). `__graphform/request-keys/<sha256>.json` is put if
 * absent before the run record and holds its whole first version, so that whoever repeats a request whose answer was
 * lost finds the same run, also if the process died between the two.
 */
import { z } from "zod";
import { decodeRunRecord, encodeRunRecord, type RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const REQUEST_KEY_FORMAT_VERSION = 1;

export interface KeyedRequest {
  readonly format_version: typeof REQUEST_KEY_FORMAT_VERSION;
  /** Tells this order from every other. */
  readonly order_digest: Digest;
  /** The first version of the run record. */
  readonly record: RunRecord;
}

const shape = z.strictObject({
  format_version: z.literal(REQUEST_KEY_FORMAT_VERSION),
  order_digest: z.string().transform((text) => text as Digest),
  record: z.unknown(),
});

export function encodeKeyedRequest({
  order_digest,
  record,
}: Omit<KeyedRequest, "format_version">): Uint8Array {
  const first: unknown = JSON.parse(Buffer.from(encodeRunRecord(record)).toString("utf8"));
  const document = { format_version: REQUEST_KEY_FORMAT_VERSION, order_digest, record: first };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export type KeyedDecoding =
  | { readonly tag: "decoded"; readonly request: KeyedRequest }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeKeyedRequest(bytes: Uint8Array): KeyedDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const parsed = shape.safeParse(document.value);
  if (!parsed.success) return { tag: "invalid", detail: "it is not the record of a request" };
  const record = decodeRunRecord(Buffer.from(JSON.stringify(parsed.data.record), "utf8"));
  if (record.tag === "invalid") return record;
  return { tag: "decoded", request: { ...parsed.data, record: record.record } };
}

/** Keys of different actors never meet, so that none learns of another's requests. */
export function requestKey(actor: string | null, key: string): StoreKey {
  return storeKey(`__graphform/request-keys/${sha256(JSON.stringify([actor, key]))}.json`);
}

export type KeyedRead =
  | { readonly tag: "found"; readonly request: KeyedRequest }
  | { readonly tag: "absent" }
  | { readonly tag: "unknown"; readonly reason: string };

export async function readKeyedRequest(ports: StorePorts, key: StoreKey): Promise<KeyedRead> {
  const read = await readObjectRetrying(ports, key);
  switch (read.tag) {
    case "absent":
      return read;
    case "unavailable":
      return { tag: "unknown", reason: read.reason };
    case "found":
      return found(read.bytes);
    default:
      return assertNever(read);
  }
}

/** What is under the key from now on: this request, or an earlier one. */
export async function keyRequest(
  ports: StorePorts,
  key: StoreKey,
  request: Omit<KeyedRequest, "format_version">,
): Promise<Exclude<KeyedRead, { tag: "absent" }>> {
  const put = await putOnce(ports, key, encodeKeyedRequest(request));
  switch (put.tag) {
    case "present":
      return { tag: "found", request: { format_version: REQUEST_KEY_FORMAT_VERSION, ...request } };
    case "other":
      return found(put.bytes);
    case "unavailable":
    case "ambiguous":
      return { tag: "unknown", reason: put.reason };
    default:
      return assertNever(put);
  }
}

function found(bytes: Uint8Array): Exclude<KeyedRead, { tag: "absent" }> {
  const decoded = decodeKeyedRequest(bytes);
  if (decoded.tag === "invalid") return { tag: "unknown", reason: decoded.detail };
  return { tag: "found", request: decoded.request };
}
