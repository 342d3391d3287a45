/**
 * Work queue on an SQS FIFO queue, by the contract of lib/ports/work-queue.
 *
 * One message a receive: SQS would fill a larger one from a single group, and whoever took it would hold up what comes
 * after. A receipt whose visibility has passed is `refused`, as FIFO queues tell it. A receive whose answer was lost
 * costs one visibility.
 */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Outcome } from "../ports/outcome.ts";
import type { WorkQueue } from "../ports/work-queue.ts";
import { type Answer, attempt, errorName, readFailure, withoutCondition } from "./failure.ts";
import { RECEIVE_WAIT_S_MAX, REQUEST_MS_MAX, VISIBILITY_S_MAX } from "./limits.ts";

/** What servers answer for a receipt that names no delivery any more. */
const EXPIRED: ReadonlySet<string> = new Set([
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "InvalidParameterValue",
  "InvalidParameterValueException",
]);

function settle(answer: Answer<unknown>): Outcome<null, "expired"> {
  if (answer.tag === "ok") return { tag: "done", value: null };
  const { failure, error } = answer;
  if (failure.kind === "not_accepted" && EXPIRED.has(errorName(error))) {
    return { tag: "refused", current: "expired" };
  }
  return withoutCondition(failure);
}

/** A client of the FIFO queue at `queueUrl`. */
export function createSqsWorkQueue(client: SQSClient, queueUrl: string): WorkQueue {
  return {
    async send({ body, group, deduplication_id }) {
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: deduplication_id,
      });
      const answer = await attempt(() => client.send(command));
      return answer.tag === "ok" ? { tag: "done", value: null } : withoutCondition(answer.failure);
    },
    async receive(waitMs) {
      const waitS = Math.min(Math.ceil(waitMs / 1000), RECEIVE_WAIT_S_MAX);
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 1,
        WaitTimeSeconds: waitS,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      });
      const requestTimeout = waitS * 1000 + REQUEST_MS_MAX;
      const answer = await attempt(() => client.send(command, { requestTimeout }));
      if (answer.tag === "failed") return readFailure(answer.failure);
      const messages = (answer.value.Messages ?? []).map((message) => ({
        body: message.Body ?? "",
        receipt: message.ReceiptHandle ?? "",
        deliveries: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      }));
      return { tag: "received", messages };
    },
    async acknowledge(receipt) {
      const command = new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receipt });
      return settle(await attempt(() => client.send(command)));
    },
    async extend(receipt, visibilityMs) {
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receipt,
        VisibilityTimeout: Math.min(Math.ceil(visibilityMs / 1000), VISIBILITY_S_MAX),
      });
      return settle(await attempt(() => client.send(command)));
    },
  };
}
