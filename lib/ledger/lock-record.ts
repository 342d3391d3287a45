/**
 * LockRecord: proof that a lock id was one of ours, `__graphform/locks/<lock_id>.json` (design 4.2). Put before
 * `lock.json` and never removed: a put that comes late may bring an old `lock.json` back, and it must still be known.
 */
import type { Acquired } from "../ports/lease-table.ts";

export const LOCK_RECORD_FORMAT_VERSION = 1;

/** The bytes of the record of one holding; a take-over names whose holding had run out (K5). */
export function encodeLockRecord({ item, displaced }: Acquired): Uint8Array {
  const document = {
    format_version: LOCK_RECORD_FORMAT_VERSION,
    lock_id: item.lock_id,
    owner: item.owner,
    operation: item.operation,
    run_id: item.run_id,
    token: item.token,
    acquired_at: item.acquired_at,
    ...(displaced === null ? {} : { took_over_from: displaced }),
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}
