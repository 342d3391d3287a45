/**
 * Lease table on a folder, by the contract of lib/ports/lease-table: the record of lib/ports/lease-record in a
 * generation chain below `__graphform/lease/`.
 *
 * Guarantees: every change claims the generation after the one that it was decided on, so of two contenders one lands
 * and a process that was stopped between any two calls finds its claim taken; tokens strictly increase (K1).
 */
import type { Clock } from "../ports/clock.ts";
import {
  decideAcquire,
  decideBreak,
  decideRelease,
  decideRenew,
  EMPTY_LEASE_RECORD,
  type LeaseDecision,
  type LeaseRecord,
  remembers,
} from "../ports/lease-record.ts";
import { decodeLeaseRecord } from "../ports/lease-record-json.ts";
import type { LeaseHolder, LeaseTable } from "../ports/lease-table.ts";
import type { Outcome } from "../ports/outcome.ts";
import { append, readHead } from "./generation-chain.ts";
import { internalPath } from "./root-folder.ts";
import type { FileContext } from "./staging.ts";

type Held =
  | { readonly tag: "record"; readonly record: LeaseRecord; readonly generation: number }
  | { readonly tag: "unavailable"; readonly reason: string };

async function load(context: FileContext, folder: string): Promise<Held> {
  const head = await readHead(context, folder);
  if (head.tag === "unavailable") return head;
  if (head.tag === "empty") return { tag: "record", record: EMPTY_LEASE_RECORD, generation: 0 };
  const record = decodeLeaseRecord(head.bytes);
  if (record === null) {
    // Safe advice: tokens rise above the one in the ledger even when the table is lost (K1).
    const reason = `the newest file in ${folder} is damaged; if no command is running, remove that folder`;
    return { tag: "unavailable", reason };
  }
  return { tag: "record", record, generation: head.generation };
}

async function change<Value>(
  context: FileContext,
  decide: (record: LeaseRecord) => LeaseDecision<Value>,
): Promise<Outcome<Value, LeaseHolder>> {
  const folder = internalPath(context.root, "lease");
  const held = await load(context, folder);
  if (held.tag === "unavailable") return held;
  const decision = decide(held.record);
  if (decision.tag === "refused") return { tag: "refused", current: decision.holder };
  if (decision.tag === "answer") return { tag: "done", value: decision.value };
  const bytes = Buffer.from(`${JSON.stringify(decision.record, null, 2)}\n`);
  const claimed = await append(context, folder, held.generation + 1, bytes);
  if (claimed.tag === "claimed") return { tag: "done", value: decision.value };
  // Someone else has just changed the record: nothing of this request is decided.
  return claimed.tag === "taken" ? { tag: "conflict" } : claimed;
}

/** A client of the folder's lease that reads the time from `clock`. */
export function createFileLeaseTable(context: FileContext, clock: Clock): LeaseTable {
  const folder = internalPath(context.root, "lease");
  return {
    async read() {
      const held = await load(context, folder);
      if (held.tag === "unavailable") return held;
      return { tag: "read", holder: held.record.holder, token: held.record.token };
    },
    acquire: (request) => change(context, (record) => decideAcquire(record, request, clock.nowMs())),
    renew: (lockId, durationMs) =>
      change(context, (record) => decideRenew(record, lockId, durationMs, clock.nowMs())),
    release: (lockId) => change(context, (record) => decideRelease(record, lockId)),
    break: (lockId) => change(context, (record) => decideBreak(record, lockId)),
    async knows(lockId) {
      const held = await load(context, folder);
      if (held.tag === "unavailable") return "unavailable";
      return remembers(held.record, lockId) ? "yes" : "no";
    },
  };
}
