/**
 * Work queue on a folder, by the contract of lib/ports/work-queue: the record of lib/ports/queue-record in a
 * generation chain below `messages/`, so that the queue of a local server survives its end.
 *
 * Guarantees: every change claims the generation after the one that it was decided on, so that two processes never
 * take one delivery, and a change whose claim was taken is decided again on what is there: nothing of it had happened.
 */
import { join } from "node:path";
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
import { type FileCalls, NODE_FILE_CALLS } from "./file-calls.ts";
import { append, readHead } from "./generation-chain.ts";
import { QUEUE_CHANGES_MAX } from "./limits.ts";
import { decodeQueueRecord } from "./queue-record-json.ts";
import { rootFolder } from "./root-folder.ts";
import { type FileContext, fileContext } from "./staging.ts";

export interface FileQueueOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long a message that was handed out stays invisible to others. */
  readonly visibility_ms: number;
  readonly calls?: FileCalls;
}

type Held =
  | { readonly tag: "record"; readonly record: QueueRecord; readonly generation: number }
  | { readonly tag: "unavailable"; readonly reason: string };

async function load(context: FileContext): Promise<Held> {
  const folder = messagesFolder(context);
  const head = await readHead(context, folder);
  if (head.tag === "unavailable") return head;
  if (head.tag === "empty") return { tag: "record", record: EMPTY_QUEUE_RECORD, generation: 0 };
  const record = decodeQueueRecord(head.bytes);
  if (record === null) {
    // Safe advice: messages only prompt; what is to be done stands in the run records.
    const reason = `the newest file in ${folder} is damaged; stop the server and remove that folder`;
    return { tag: "unavailable", reason };
  }
  return { tag: "record", record, generation: head.generation };
}

function messagesFolder(context: FileContext): string {
  return join(context.root.path, "messages");
}

async function change<Value>(
  context: FileContext,
  decide: (record: QueueRecord) => QueueDecision<Value>,
): Promise<Outcome<Value, "expired">> {
  for (let tries = 0; tries < QUEUE_CHANGES_MAX; tries += 1) {
    const held = await load(context);
    if (held.tag === "unavailable") return held;
    const decision = decide(held.record);
    if (decision.tag === "expired") return { tag: "refused", current: "expired" };
    if (decision.tag === "full") {
      return { tag: "unavailable", reason: `the queue holds ${QUEUE_MESSAGES_MAX} messages` };
    }
    if (decision.tag === "answer") return { tag: "done", value: decision.value };
    const bytes = Buffer.from(`${JSON.stringify(decision.record, null, 2)}\n`);
    const claimed = await append(context, messagesFolder(context), held.generation + 1, bytes);
    if (claimed.tag === "claimed") return { tag: "done", value: decision.value };
    if (claimed.tag !== "taken") return claimed;
  }
  return { tag: "conflict" };
}

/** A client of the queue in `folder`, which need not exist. */
export function createFileWorkQueue(folder: string, options: FileQueueOptions): WorkQueue {
  const { clock, ids, visibility_ms } = options;
  const context = fileContext(rootFolder(folder), options.calls ?? NODE_FILE_CALLS);
  return {
    async send(request) {
      const id = ids.next();
      const sent = await change(context, (record) => decideSend(record, request, id, clock.nowMs()));
      return sent.tag === "refused" ? { tag: "conflict" } : sent;
    },
    async receive(waitMs) {
      const untilMs = clock.nowMs() + waitMs;
      for (;;) {
        const taken = await change(context, (record) => decideReceive(record, visibility_ms, clock.nowMs()));
        // Of a delivery that may have been written nobody knows the receipt: it comes again once its visibility passed.
        if (taken.tag === "ambiguous" || taken.tag === "unavailable") {
          return { tag: "unavailable", reason: taken.reason };
        }
        const messages = taken.tag === "done" ? taken.value : [];
        const nowMs = clock.nowMs();
        if (messages.length > 0 || nowMs >= untilMs) return { tag: "received", messages };
        await clock.sleep(Math.min(QUEUE_POLL_MS, untilMs - nowMs));
      }
    },
    acknowledge: (receipt) => change(context, (record) => decideAcknowledge(record, receipt, clock.nowMs())),
    extend: (receipt, visibilityMs) =>
      change(context, (record) => decideExtend(record, receipt, visibilityMs, clock.nowMs())),
  };
}
