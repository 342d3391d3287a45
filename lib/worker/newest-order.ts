/**
 * NewestOrder: the newest of all that a cluster was asked to apply and has begun with, `__graphform/newest-order.json`.
 * Uploads come in any order, and an older one must not bring its config back by itself (upload-order).
 *
 * Guarantees: moved under the lease, on the version that was read, and only to something newer, before anything of that
 * run changes; never removed. A worker that lost its lease can move it to nothing older than what it has read, and not at
 * all once somebody else has moved it.
 */
import { z } from "zod";
import { askedAtMs } from "../apply/runs/next-run.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import { isUlid, type RunId } from "../digest/ids.ts";
import { moveOnce, putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { readDocument } from "../ledger/typed-document.ts";
import { type Clock, formatTimestamp } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { storeKey, type Version } from "../ports/object-store.ts";
import { CLOCK_SKEW_MS_MAX, NEWEST_ORDER_BYTES_MAX } from "./limits.ts";

export const NEWEST_ORDER_FORMAT_VERSION = 1;
export const NEWEST_ORDER_KEY = storeKey("__graphform/newest-order.json");

export interface NewestOrder {
  readonly format_version: typeof NEWEST_ORDER_FORMAT_VERSION;
  readonly run_id: RunId;
  /** When it was uploaded, or ordered: RFC 3339 UTC, in whole seconds. */
  readonly asked_at: string;
  /** The object in the inbox; null: somebody ordered it. */
  readonly upload_key: string | null;
  /** ULID of the write that made this version. */
  readonly change_id: string;
}

const shape = z.strictObject({
  format_version: z.literal(NEWEST_ORDER_FORMAT_VERSION),
  run_id: z
    .string()
    .refine(isUlid, "is not a run id")
    .transform((text) => text as RunId),
  asked_at: z.iso.datetime(),
  upload_key: z.string().nullable(),
  change_id: z.string().refine(isUlid, "is not a ULID"),
});

export function encodeNewestOrder(order: NewestOrder): Uint8Array {
  const { format_version, run_id, asked_at, upload_key, change_id } = order;
  const document = { format_version, run_id, asked_at, upload_key, change_id } satisfies NewestOrder;
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export type NewestOrderDecoding =
  | { readonly tag: "decoded"; readonly order: NewestOrder }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeNewestOrder(bytes: Uint8Array): NewestOrderDecoding {
  const read = readDocument(bytes, shape, NEWEST_ORDER_BYTES_MAX);
  return read.tag === "read" ? { tag: "decoded", order: read.value } : read;
}

export type NewestOrderRead =
  | { readonly tag: "found"; readonly order: NewestOrder; readonly version: Version }
  | { readonly tag: "absent" }
  | { readonly tag: "invalid"; readonly detail: string; readonly version: Version }
  | { readonly tag: "unavailable"; readonly reason: string };

export async function readNewestOrder(ports: StorePorts): Promise<NewestOrderRead> {
  const read = await readObjectRetrying(ports, NEWEST_ORDER_KEY);
  if (read.tag !== "found") return read;
  const decoded = decodeNewestOrder(read.bytes);
  const { version } = read;
  return decoded.tag === "decoded"
    ? { tag: "found", order: decoded.order, version }
    : { ...decoded, version };
}

/**
 * Was `order` asked for after the run? What says that it was asked for in the future comes from a clock that was wrong,
 * and is newer than nothing: it would hold every upload back until then.
 */
export function isNewerThan(order: NewestOrder, record: RunRecord, clock: Clock): boolean {
  const askedMs = Date.parse(order.asked_at);
  return askedMs > askedAtMs(record) && askedMs <= clock.nowMs() + CLOCK_SKEW_MS_MAX;
}

/** Null if the newest order is the run, or one that is not older; else why that is not certain. */
export async function noteOrder(
  ports: StorePorts & { readonly ids: Ids },
  record: RunRecord,
  there: Exclude<NewestOrderRead, { tag: "unavailable" }>,
): Promise<string | null> {
  if (there.tag === "found" && isAsNew(there.order, record, ports.clock)) return null;
  const change_id = ports.ids.next();
  const bytes = encodeNewestOrder({
    format_version: NEWEST_ORDER_FORMAT_VERSION,
    run_id: record.run_id,
    asked_at: formatTimestamp(askedAtMs(record)),
    upload_key: record.upload?.key ?? null,
    change_id,
  });
  return there.tag === "absent" ? put(ports, bytes) : move(ports, there.version, bytes, change_id);
}

function isAsNew(order: NewestOrder, record: RunRecord, clock: Clock): boolean {
  return Date.parse(order.asked_at) === askedAtMs(record) || isNewerThan(order, record, clock);
}

const OVERTAKEN = "somebody else has changed it at the same time";

async function put(ports: StorePorts, bytes: Uint8Array): Promise<string | null> {
  const done = await putOnce(ports, NEWEST_ORDER_KEY, bytes);
  switch (done.tag) {
    case "present":
      return null;
    case "other":
      return OVERTAKEN;
    case "unavailable":
    case "ambiguous":
      return done.reason;
    default:
      return assertNever(done);
  }
}

async function move(
  ports: StorePorts,
  from: Version,
  bytes: Uint8Array,
  change_id: string,
): Promise<string | null> {
  const isOurs = (there: Uint8Array) => {
    const decoded = decodeNewestOrder(there);
    return decoded.tag === "decoded" && decoded.order.change_id === change_id;
  };
  const moved = await moveOnce(ports, { key: NEWEST_ORDER_KEY, from, bytes, isOurs });
  switch (moved.tag) {
    case "moved":
      return null;
    case "refused":
      return OVERTAKEN;
    case "unknown":
      return moved.reason;
    default:
      return assertNever(moved);
  }
}
