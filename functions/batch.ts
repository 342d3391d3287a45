/**
 * Batch: the answer to a batch of messages, made in this one place, because a malformed one means that everything
 * failed, or that nothing did.
 *
 * Messages are worked on one after another and every one is awaited. In a FIFO batch nothing after a failure is begun:
 * the failed one and all after it come again, in their order. In a standard batch each stands for itself.
 */
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { Log } from "../lib/ports/log.ts";

/** `again`: the message is to come again. */
export type MessageWork = (record: SQSRecord) => Promise<"done" | "again">;

export async function answerBatch(
  records: readonly SQSRecord[],
  log: Log,
  work: MessageWork,
): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  for (const record of records) {
    const blocked = failed.length > 0 && isFifo(record);
    if (blocked || (await attempt(record, log, work)) === "again") failed.push(record.messageId);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function isFifo({ eventSourceARN }: SQSRecord): boolean {
  return eventSourceARN.endsWith(".fifo");
}

/** A defect is not to lose the message: after some deliveries it is a dead letter, and somebody is told. */
async function attempt(record: SQSRecord, log: Log, work: MessageWork): Promise<"done" | "again"> {
  try {
    return await work(record);
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.warn({ event: "message.defect", message_id: record.messageId, reason });
    return "again";
  }
}
