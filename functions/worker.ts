/**
 * Worker: the handler of a queue of prompts. What a message asked to look at was looked at when it is done, whatever
 * came of it; only a defect makes it come again, and then soon and not after the whole visibility of the queue, for
 * which nothing else of its group would be handed out.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { createAccess } from "../lib/access/cedar-access.ts";
import type { WorkQueue } from "../lib/ports/work-queue.ts";
import { handleBody } from "../lib/worker/handle-message.ts";
import { answerBatch } from "./batch.ts";
import { RETRY_MS, RETRY_MS_MAX } from "./limits.ts";
import type { Runtime } from "./runtime.ts";

export type Worker = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export function createWorker({ deployment, log }: Runtime, queue: WorkQueue): Worker {
  const access = createAccess(deployment.settings, deployment.records);
  return async (event, context) => {
    log.begin(context);
    const answer = await answerBatch(event.Records, log, async ({ body }) => {
      const remaining_ms = context.getRemainingTimeInMillis();
      await handleBody(deployment, body, { access, remaining_ms });
      return "done";
    });
    const failed = new Set(answer.batchItemFailures.map((each) => each.itemIdentifier));
    for (const record of event.Records) if (failed.has(record.messageId)) await showSooner(queue, record);
    return answer;
  };
}

/** If it cannot be, the message comes when its visibility ends. */
async function showSooner(queue: WorkQueue, { receiptHandle, attributes }: SQSRecord): Promise<void> {
  const deliveries = Number(attributes.ApproximateReceiveCount) || 1;
  await queue.extend(receiptHandle, Math.min(RETRY_MS * 2 ** (deliveries - 1), RETRY_MS_MAX));
}
