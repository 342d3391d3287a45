/**
 * A deployment on servers of this process: the environment that the stack gives the functions, and the real handlers,
 * which are loaded under it. What Lambda does between queues and handlers, `pump` does.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { type Message, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { createSqsWorkQueue } from "../../lib/aws/work-queue.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";
import { lambdaContext, sqsEvent, uploadNotification } from "./aws-events.ts";

/** The API of roles and users of IAM. */
export const API_ID = "a1b2c3d4e5";
/** The API of those who have a token. */
export const TOKEN_API_ID = "f6g7h8i9j0";
export const UPLOADS_ARN = "arn:aws:sqs:us-east-1:111122223333:uploads";

export type Handlers = Awaited<ReturnType<typeof loadHandlers>>;

export interface Deployed {
  readonly aws: Aws;
  readonly handlers: Handlers;
  /** What the stack gives the functions. */
  readonly environment: Readonly<Record<string, string>>;
  readonly queues: { readonly applies: string; readonly tasks: string };
  /** Puts an upload into the inbox; the body of the message that S3 sends of it. */
  upload(key: string, bytes: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<string>;
  /** The notices that have been delivered since this was asked last, oldest first. */
  notices(): Promise<readonly Notice[]>;
  /** Hands messages of both queues to their functions until there are none; how many there were. */
  pump(): Promise<number>;
  stop(): Promise<void>;
}

async function loadHandlers() {
  const [api, operate, intake, plan, apply, schedule, deadLetter] = await Promise.all([
    import("../../functions/api.ts"),
    import("../../functions/operate.ts"),
    import("../../functions/intake.ts"),
    import("../../functions/plan.ts"),
    import("../../functions/apply.ts"),
    import("../../functions/schedule.ts"),
    import("../../functions/dead-letter.ts"),
  ]);
  return { api, operate, intake, plan, apply, schedule, deadLetter };
}

export async function startDeployed(settings: DeploymentSettings): Promise<Deployed> {
  const aws = await startAws();
  const [applies, tasks] = [await aws.createQueue(30), await aws.createQueue(30)];
  const before = { ...process.env };
  const environment = await stackEnvironment(aws, settings, { applies, tasks });
  const topic = await aws.subscribe(environment["GRAPHFORM_NOTICES_TOPIC"] ?? "");
  Object.assign(process.env, environment);
  const handlers = await loadHandlers();
  return {
    aws,
    handlers,
    environment,
    queues: { applies, tasks },
    upload: (key, bytes, metadata = {}) => upload(aws, key, bytes, metadata),
    notices: async () => (await topic.delivered()).map((body): Notice => JSON.parse(body)),
    pump: () => pump(aws, handlers, { applies, tasks }),
    async stop() {
      for (const name of Object.keys(process.env)) delete process.env[name];
      Object.assign(process.env, before);
      await aws.stop();
    },
  };
}

/** The environment that the stack gives the functions. */
export async function stackEnvironment(
  aws: Aws,
  settings: DeploymentSettings,
  queues: Deployed["queues"],
): Promise<Readonly<Record<string, string>>> {
  const { endpoints, region, credentials } = aws.settings;
  return {
    AWS_ENDPOINT_URL_S3: endpoints.s3 ?? "",
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb ?? "",
    AWS_ENDPOINT_URL_SQS: endpoints.sqs ?? "",
    AWS_ENDPOINT_URL_SNS: endpoints.sns ?? "",
    AWS_REGION: region ?? "",
    AWS_ACCESS_KEY_ID: credentials?.accessKeyId ?? "",
    AWS_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? "",
    ...(credentials?.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_LAMBDA_FUNCTION_NAME: "graphform-test",
    POWERTOOLS_LOG_LEVEL: "SILENT",
    GRAPHFORM_SETTINGS: settingsFile(settings),
    GRAPHFORM_BUCKET: aws.bucket,
    GRAPHFORM_LEASE_TABLE: aws.table,
    GRAPHFORM_APPLIES_QUEUE: queues.applies,
    GRAPHFORM_TASKS_QUEUE: queues.tasks,
    GRAPHFORM_NOTICES_TOPIC: await aws.createTopic(),
    GRAPHFORM_API_ID: API_ID,
    GRAPHFORM_TOKEN_API_ID: TOKEN_API_ID,
  };
}

export function settingsFile(settings: DeploymentSettings): string {
  const path = join(mkdtempSync(join(tmpdir(), "graphform-settings-")), "settings.json");
  writeFileSync(path, JSON.stringify(settings));
  return path;
}

async function upload(
  { s3, bucket }: Aws,
  key: string,
  bytes: Uint8Array,
  metadata: Readonly<Record<string, string>>,
): Promise<string> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, Metadata: { ...metadata } });
  const { ETag = "" } = await s3.send(command);
  const principal = "AWS:AROACI:session";
  return uploadNotification({ bucket, key, principal, etag: ETag, bytes: bytes.length });
}

async function pump(aws: Aws, handlers: Handlers, queues: Deployed["queues"]): Promise<number> {
  let handled = 0;
  for (let idle = false; !idle; ) {
    idle = true;
    for (const [url, { handler }] of [
      [queues.tasks, handlers.plan],
      [queues.applies, handlers.apply],
    ] as const) {
      const received = await aws.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: 1,
          MessageSystemAttributeNames: ["All"],
        }),
      );
      for (const message of received.Messages ?? []) {
        idle = false;
        handled += 1;
        const answer: SQSBatchResponse = await handler(deliveryOf(url, message), lambdaContext());
        if (answer.batchItemFailures.length === 0) {
          await createSqsWorkQueue(aws.sqs, url).acknowledge(message.ReceiptHandle ?? "");
        }
      }
    }
  }
  return handled;
}

/** The event that Lambda makes of a message of the queue at `url`. */
export function deliveryOf(url: string, { Body, MessageId, ReceiptHandle, Attributes }: Message): SQSEvent {
  return sqsEvent({
    queueArn: `arn:aws:sqs:us-east-1:111122223333:${url.split("/").at(-1)}`,
    body: Body ?? "",
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    group: Attributes?.MessageGroupId ?? "",
  });
}
