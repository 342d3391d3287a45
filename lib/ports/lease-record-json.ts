/** The lease record as it lies in a file or a table: decoding what a process, or a hand, has written. */
import { z } from "zod";
import type { LockId, RunId } from "../digest/ids.ts";
import type { LeaseRecord } from "./lease-record.ts";

const lockId = z.string().transform((text) => text as LockId);

const holder = z.strictObject({
  lock_id: lockId,
  owner: z.string(),
  operation: z.enum(["plan", "apply", "approve", "refresh", "import", "recover"]),
  run_id: z.string().transform((text) => text as RunId),
  token: z.int().nonnegative(),
  acquired_at: z.string(),
  deadline: z.string(),
});

const record = z.strictObject({
  format_version: z.literal(1),
  token: z.int().nonnegative(),
  holder: holder.nullable(),
  lock_ids: z.array(lockId),
});

/** The record in `bytes`, or null if it is not one that this version wrote. */
export function decodeLeaseRecord(bytes: Uint8Array): LeaseRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return null;
  }
  const parsed = record.safeParse(value);
  return parsed.success ? parsed.data : null;
}
