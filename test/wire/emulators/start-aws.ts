/**
 * One AWS for wire tests: S3, DynamoDB, SQS and SNS over HTTP, each behind a proxy that can fail. Where the standard
 * variables AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_DYNAMODB or AWS_ENDPOINT_URL_SQS are set, that real server is used
 * instead of the emulator, still behind the proxy; its credentials and region are those of the environment.
 */
import { CreateTableCommand, DeleteTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, DeleteTopicCommand, type SNSClient } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { ulid } from "ulid";
import {
  type AwsCredentials,
  type AwsSettings,
  createDynamoClient,
  createS3Client,
} from "../../../lib/aws/clients.ts";
import { createSnsClient, createSqsClient } from "../../../lib/aws/message-clients.ts";
import type { LackingPromise } from "../../contract/object-store.contract.ts";
import { startDynamo } from "./dynamodb-server.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { lackingPromises } from "./lacking-promises.ts";
import type { Listening } from "./listen.ts";
import { startS3 } from "./s3-server.ts";
import { startSqs } from "./sqs-server.ts";
import { type Subscription, subscribe } from "./subscription.ts";

export interface Aws {
  readonly settings: AwsSettings;
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly proxies: {
    readonly s3: FaultProxy;
    readonly dynamodb: FaultProxy;
    readonly sqs: FaultProxy;
    readonly sns: FaultProxy;
  };
  /** A bucket of this run, empty unless somebody put something. */
  readonly bucket: string;
  /** What the S3 server lacks; nothing if it is the emulator. */
  readonly lacks: ReadonlySet<LackingPromise>;
  /** The lease table of this run. */
  readonly table: string;
  /** A fresh FIFO queue; answers its URL. What has been received too often goes to the dead letters. */
  createQueue(visibilityS: number, deadLetters?: DeadLetters): Promise<string>;
  /** A fresh topic; answers its ARN. */
  createTopic(): Promise<string>;
  /** What the topic delivers from now on, to a queue that knows no faults. */
  subscribe(topicArn: string): Promise<Subscription>;
  /** A name that nothing of this run has yet, for prefixes and clusters. */
  name(): string;
  stop(): Promise<void>;
}

export interface DeadLetters {
  /** The queue that they go to. */
  readonly url: string;
  readonly receives_max: number;
}

const REGION = "us-east-1";

/** `emulators`: also where variables name others, for tests that move the clock of their servers. */
export type Servers = "named" | "emulators";

async function startBehindProxy(
  variable: string,
  emulator: () => Promise<Listening>,
  servers: Servers,
): Promise<{ readonly proxy: FaultProxy; readonly server: Listening | null; readonly target: string }> {
  const real = servers === "named" ? process.env[variable] : undefined;
  const server = real ? null : await emulator();
  const target = real || (server?.url ?? "");
  return { proxy: await startFaultProxy(target), server, target };
}

function credentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? "test",
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? "test",
    ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
  };
}

async function createTable(dynamodb: DynamoDBClient, table: string): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "cluster", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "cluster", KeyType: "HASH" }],
    }),
  );
}

async function createFifoQueue(
  sqs: SQSClient,
  name: string,
  visibilityS: number,
  deadLetters?: DeadLetters,
): Promise<string> {
  const command = new CreateQueueCommand({
    QueueName: `${name}.fifo`,
    Attributes: {
      FifoQueue: "true",
      VisibilityTimeout: String(visibilityS),
      ...(deadLetters === undefined ? {} : { RedrivePolicy: await redrivePolicy(sqs, deadLetters) }),
    },
  });
  return (await sqs.send(command)).QueueUrl ?? "";
}

async function redrivePolicy(sqs: SQSClient, { url, receives_max }: DeadLetters): Promise<string> {
  const asked = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] });
  const { Attributes } = await sqs.send(asked);
  return JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: receives_max });
}

/** A real server keeps what is left. */
async function deleteBucket(s3: S3Client, bucket: string): Promise<void> {
  for (let token: string | undefined, more = true; more; ) {
    const command = new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token });
    const { Contents, IsTruncated, NextContinuationToken } = await s3.send(command);
    const Objects = (Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
    token = NextContinuationToken;
    more = IsTruncated === true;
  }
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
}

interface MessageClients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Speaks to the server that delivers for topics. */
  readonly delivering: SQSClient;
}

/** Queues and topics of this run, which `remove` takes away again. */
function messageServers({ sqs, sns, delivering }: MessageClients, name: () => string) {
  const queues: (readonly [SQSClient, string])[] = [];
  const topics: string[] = [];
  return {
    async createQueue(visibilityS: number, deadLetters?: DeadLetters): Promise<string> {
      const url = await createFifoQueue(sqs, name(), visibilityS, deadLetters);
      queues.push([sqs, url]);
      return url;
    },
    async createTopic(): Promise<string> {
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name() }));
      topics.push(TopicArn);
      return TopicArn;
    },
    async subscribe(topicArn: string): Promise<Subscription> {
      const subscription = await subscribe({ sns, sqs: delivering }, topicArn, name());
      queues.push([delivering, subscription.queue_url]);
      return subscription;
    },
    async remove(): Promise<void> {
      for (const [client, QueueUrl] of queues) await client.send(new DeleteQueueCommand({ QueueUrl }));
      for (const TopicArn of topics) await sns.send(new DeleteTopicCommand({ TopicArn }));
    },
  };
}

/** Starts everything; `stop` ends it. */
export async function startAws(servers: Servers = "named"): Promise<Aws> {
  const [s3At, dynamodbAt, sqsAt] = await Promise.all([
    startBehindProxy("AWS_ENDPOINT_URL_S3", () => startS3(credentials().secretAccessKey), servers),
    startBehindProxy("AWS_ENDPOINT_URL_DYNAMODB", startDynamo, servers),
    startBehindProxy("AWS_ENDPOINT_URL_SQS", startSqs, servers),
  ]);
  const snsAt = await startBehindProxy("AWS_ENDPOINT_URL_SNS", startSqs, servers);
  const proxies = { s3: s3At.proxy, dynamodb: dynamodbAt.proxy, sqs: sqsAt.proxy, sns: snsAt.proxy };
  const settings: AwsSettings = {
    region: process.env["AWS_REGION"] ?? REGION,
    endpoints: {
      s3: proxies.s3.url,
      dynamodb: proxies.dynamodb.url,
      sqs: proxies.sqs.url,
      sns: proxies.sns.url,
    },
    credentials: credentials(),
  };
  const s3 = createS3Client(settings);
  const dynamodb = createDynamoClient(settings);
  const sqs = createSqsClient(settings);
  const sns = createSnsClient(settings);
  const run = ulid().toLowerCase();
  const bucket = `graphform-${run}`;
  const table = `graphform-${run}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await createTable(dynamodb, table);
  const lacks = s3At.server === null ? await lackingPromises(s3, bucket) : new Set<LackingPromise>();
  for (const proxy of Object.values(proxies)) proxy.clear();
  let names = 0;
  const name = (): string => {
    names += 1;
    return `n${names}-${run}`;
  };
  // Where SNS is the emulator its queues are there too; what reads them meets no fault of the proxy.
  const delivering = createSqsClient({
    ...settings,
    endpoints: { ...settings.endpoints, sqs: snsAt.server?.url ?? sqsAt.target },
  });
  const messages = messageServers({ sqs, sns, delivering }, name);
  return {
    settings,
    s3,
    dynamodb,
    sqs,
    sns,
    proxies,
    bucket,
    lacks,
    table,
    name,
    createQueue: messages.createQueue,
    createTopic: messages.createTopic,
    subscribe: messages.subscribe,
    async stop() {
      await messages.remove();
      await dynamodb.send(new DeleteTableCommand({ TableName: table }));
      if (s3At.server === null) await deleteBucket(s3, bucket);
      for (const client of [s3, dynamodb, sqs, sns, delivering]) client.destroy();
      for (const proxy of Object.values(proxies)) await proxy.stop();
      for (const { server } of [s3At, dynamodbAt, sqsAt, snsAt]) await server?.stop();
    },
  };
}
