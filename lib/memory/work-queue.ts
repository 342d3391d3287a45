/**
 * Work queue in memory, by the contract of lib/ports/work-queue; the decisions are those of lib/ports/queue-record.
 * Several clients may be opened on one backend. It forgets everything with its process.
 */
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { QUEUE_MESSAGES_MAX, QUEUE_POLL_MS } from "../ports/limits.ts";
import type { Outcome } from "../ports/outcome.ts";
import {
  decideAcknowledge,
  decideExtend,
  decideReceive,
  decideSend,
  EMPTY_QUEUE_RECORD,
  type QueueDecision,
  type QueueRecord,
} from "../ports/queue-record.ts";
import type { WorkQueue } from "../ports/work-queue.ts";

export interface MemoryQueueBackend {
  record: QueueRecord;
}

/** A queue that holds nothing yet. */
export function createMemoryQueueBackend(): MemoryQueueBackend {
  return { record: EMPTY_QUEUE_RECORD };
}

export interface MemoryQueueOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long a message that was handed out stays invisible to others. */
  readonly visibility_ms: number;
}

/** A client of `backend`. */
export function createMemoryWorkQueue(backend: MemoryQueueBackend, options: MemoryQueueOptions): WorkQueue {
  const { clock, ids, visibility_ms } = options;
  const settle = <Value>(decision: QueueDecision<Value>): Outcome<Value, "expired"> => {
    if (decision.tag === "expired") return { tag: "refused", current: "expired" };
    if (decision.tag === "full") {
      return { tag: "unavailable", reason: `the queue holds ${QUEUE_MESSAGES_MAX} messages` };
    }
    if (decision.tag === "write") backend.record = decision.record;
    return { tag: "done", value: decision.value };
  };
  return {
    async send(request) {
      await Promise.resolve();
      const sent = settle(decideSend(backend.record, request, ids.next(), clock.nowMs()));
      return sent.tag === "refused" ? { tag: "conflict" } : sent;
    },
    async receive(waitMs) {
      const untilMs = clock.nowMs() + waitMs;
      for (;;) {
        await Promise.resolve();
        const nowMs = clock.nowMs();
        const taken = settle(decideReceive(backend.record, visibility_ms, nowMs));
        const messages = taken.tag === "done" ? taken.value : [];
        if (messages.length > 0 || nowMs >= untilMs) return { tag: "received", messages };
        await clock.sleep(Math.min(QUEUE_POLL_MS, untilMs - nowMs));
      }
    },
    async acknowledge(receipt) {
      await Promise.resolve();
      return settle(decideAcknowledge(backend.record, receipt, clock.nowMs()));
    },
    async extend(receipt, visibilityMs) {
      await Promise.resolve();
      return settle(decideExtend(backend.record, receipt, visibilityMs, clock.nowMs()));
    },
  };
}
