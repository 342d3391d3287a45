/** Messages: the queues and the topic of a deployment. late-messages.ts loads this file when something is to be sent. */
import type { AwsSettings } from "../lib/aws/clients.ts";
import { createSnsClient, createSqsClient } from "../lib/aws/message-clients.ts";
import { createSnsNotices } from "../lib/aws/notices.ts";
import { createSqsWorkQueue } from "../lib/aws/work-queue.ts";
import type { Log } from "../lib/ports/log.ts";
import type { Deployment } from "../lib/worker/deployment.ts";
import type { Environment } from "./environment.ts";

export type Messages = Pick<Deployment, "applies" | "tasks" | "notices">;

export interface MessageParts {
  readonly environment: Environment;
  readonly aws: AwsSettings;
  readonly log: Log;
}

export function openMessages({ environment, aws, log }: MessageParts): Messages {
  const sqs = createSqsClient(aws);
  return {
    applies: createSqsWorkQueue(sqs, environment.GRAPHFORM_APPLIES_QUEUE),
    tasks: createSqsWorkQueue(sqs, environment.GRAPHFORM_TASKS_QUEUE),
    notices: createSnsNotices(createSnsClient(aws), environment.GRAPHFORM_NOTICES_TOPIC, log),
  };
}
