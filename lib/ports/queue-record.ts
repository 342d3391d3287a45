/**
 * QueueRecord: what waits in one queue as a value, and what send, receive, acknowledge and extend make of it. Every
 * adapter that keeps a queue as a document (memory, file) decides with these functions, so they cannot disagree.
 *
 * Guarantees: pure. A message stays until it is acknowledged under a receipt whose visibility lasts; of one group only
 * the oldest message is ever handed out, and none while it is invisible; a receipt is good for one delivery.
 */
import { QUEUE_BATCH_MAX, QUEUE_DEDUPLICATION_MS, QUEUE_MESSAGES_MAX } from "./limits.ts";
import type { QueuedMessage, SendRequest } from "./work-queue.ts";

interface WaitingMessage {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  readonly deliveries: number;
  /** Milliseconds since the Unix epoch; invisible until then. */
  readonly visible_at_ms: number;
}

export interface QueueRecord {
  readonly format_version: 1;
  /** Oldest first. */
  readonly messages: readonly WaitingMessage[];
  /** Ids that were sent within the deduplication window. */
  readonly sent: readonly { readonly deduplication_id: string; readonly at_ms: number }[];
}

export const EMPTY_QUEUE_RECORD: QueueRecord = { format_version: 1, messages: [], sent: [] };

/** `write`: store `record`, then answer `value`. `answer`: nothing to store. `full`: no more messages fit. */
export type QueueDecision<Value> =
  | { readonly tag: "write"; readonly record: QueueRecord; readonly value: Value }
  | { readonly tag: "answer"; readonly value: Value }
  | { readonly tag: "expired" }
  | { readonly tag: "full" };

/** Adds the message under the fresh id `id`, unless its deduplication id was sent within the window. */
export function decideSend(
  record: QueueRecord,
  request: SendRequest,
  id: string,
  nowMs: number,
): QueueDecision<null> {
  const sent = record.sent.filter((each) => each.at_ms > nowMs - QUEUE_DEDUPLICATION_MS);
  if (sent.some((each) => each.deduplication_id === request.deduplication_id)) {
    return { tag: "answer", value: null };
  }
  if (record.messages.length >= QUEUE_MESSAGES_MAX) return { tag: "full" };
  const { body, group } = request;
  const message: WaitingMessage = { id, body, group, deliveries: 0, visible_at_ms: nowMs };
  return {
    tag: "write",
    record: {
      format_version: 1,
      messages: [...record.messages, message],
      sent: [...sent, { deduplication_id: request.deduplication_id, at_ms: nowMs }],
    },
    value: null,
  };
}

/** Hands out the oldest message of each group that has none in flight, and hides it for `visibilityMs`. */
export function decideReceive(
  record: QueueRecord,
  visibilityMs: number,
  nowMs: number,
): QueueDecision<readonly QueuedMessage[]> {
  const groups = new Set<string>();
  const handedOut: QueuedMessage[] = [];
  const messages = record.messages.map((message) => {
    if (groups.has(message.group)) return message;
    groups.add(message.group);
    if (message.visible_at_ms > nowMs || handedOut.length >= QUEUE_BATCH_MAX) return message;
    const taken = {
      ...message,
      deliveries: message.deliveries + 1,
      visible_at_ms: nowMs + visibilityMs,
    };
    handedOut.push({ body: taken.body, receipt: receiptOf(taken), deliveries: taken.deliveries });
    return taken;
  });
  if (handedOut.length === 0) return { tag: "answer", value: [] };
  return { tag: "write", record: { ...record, messages }, value: handedOut };
}

/** Removes the message of a delivery whose visibility lasts. */
export function decideAcknowledge(record: QueueRecord, receipt: string, nowMs: number): QueueDecision<null> {
  if (!isInFlight(record, receipt, nowMs)) return { tag: "expired" };
  const messages = record.messages.filter((message) => receiptOf(message) !== receipt);
  return { tag: "write", record: { ...record, messages }, value: null };
}

/** Hides the message of a delivery whose visibility lasts for `visibilityMs` from now on. */
export function decideExtend(
  record: QueueRecord,
  receipt: string,
  visibilityMs: number,
  nowMs: number,
): QueueDecision<null> {
  if (!isInFlight(record, receipt, nowMs)) return { tag: "expired" };
  const messages = record.messages.map((message) =>
    receiptOf(message) === receipt ? { ...message, visible_at_ms: nowMs + visibilityMs } : message,
  );
  return { tag: "write", record: { ...record, messages }, value: null };
}

function receiptOf(message: WaitingMessage): string {
  return `${message.id}/${message.deliveries}`;
}

function isInFlight(record: QueueRecord, receipt: string, nowMs: number): boolean {
  return record.messages.some(
    (message) => message.deliveries > 0 && receiptOf(message) === receipt && message.visible_at_ms > nowMs,
  );
}
