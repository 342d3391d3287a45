/** The queue record as it lies in a file: decoding what a process, or a hand, has written. */
import { z } from "zod";
import type { QueueRecord } from "../ports/queue-record.ts";

const message = z.strictObject({
  id: z.string(),
  body: z.string(),
  group: z.string(),
  deliveries: z.int().nonnegative(),
  visible_at_ms: z.number(),
});

const record = z.strictObject({
  format_version: z.literal(1),
  messages: z.array(message),
  sent: z.array(z.strictObject({ deduplication_id: z.string(), at_ms: z.number() })),
});

/** The record in `bytes`, or null if it is not one that this version wrote. */
export function decodeQueueRecord(bytes: Uint8Array): QueueRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  const parsed = record.safeParse(value);
  return parsed.success ? parsed.data : null;
}
