/**
 * Lambda between the queues and the handlers, as the stack sets it up: sandboxes with the bundled handlers, one message
 * at a time, deleted only when its handler has answered that it is done, hidden for six times as long as the handler may
 * take, and a dead letter when it was received too often. All time is the clock's, which only moves when it is told to.
 */
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import type { HandlerName } from "../../infra/handler-name.ts";
import { RECEIVES_MAX, VISIBILITY_TIMEOUTS, WORKER_MINUTES } from "../../infra/limits.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";
import { sqsEvent } from "./aws-events.ts";
import { bundledHandlers } from "./bundled-handlers.ts";
import { stackEnvironment } from "./deployed.ts";
import { type Invoked, type Sandbox, startSandbox } from "./sandbox.ts";

export const INVOCATION_MS = WORKER_MINUTES * 60_000;
export const VISIBILITY_MS = VISIBILITY_TIMEOUTS * INVOCATION_MS;
const TURNS_MAX = 100;

export type QueueName = "applies" | "tasks" | "appliesDead" | "tasksDead";

const QUEUES: readonly QueueName[] = ["applies", "tasks", "appliesDead", "tasksDead"];

/** The function of each queue. */
const FUNCTION_OF: Readonly<Record<QueueName, HandlerName>> = {
  applies: "apply",
  tasks: "plan",
  appliesDead: "dead-letter",
  tasksDead: "dead-letter",
};

export interface Depth {
  readonly visible: number;
  /** Handed out, and neither deleted nor visible again. */
  readonly hidden: number;
}

export interface Lambda {
  readonly aws: Aws;
  /** Time goes on by so much, for servers, queues and every invocation that begins later. */
  advance(ms: number): void;
  aheadMs(): number;
  /** A new sandbox. */
  coldStart(name: HandlerName): Promise<Sandbox>;
  /** Invokes the function in the sandbox that is kept for it. */
  invoke(name: HandlerName, event: unknown, remainingMs?: number): Promise<Invoked>;
  send(queue: QueueName, group: string, body: string): Promise<void>;
  /** The next message to its function, in that sandbox; null if none is to be had. */
  deliver(queue: QueueName, sandbox?: Sandbox, remainingMs?: number): Promise<Invoked | null>;
  depth(queue: QueueName): Promise<Depth>;
  /** Delivers until nothing is visible; how many there were. */
  pump(): Promise<number>;
  stop(): Promise<void>;
}

/** `visibilityMs`: what the stack sets, unless a test needs a message to come again while its handler is at work. */
export async function startLambda(
  settings: DeploymentSettings,
  functions: readonly HandlerName[],
  visibilityMs = VISIBILITY_MS,
): Promise<Lambda> {
  const clock = patchClock();
  // Servers of others do not follow the clock.
  const aws = await startAws("emulators");
  const queues = await createQueues(aws, visibilityMs / 1000);
  const environment = { ...(await stackEnvironment(aws, settings, queues)), RUST_LOG: "off" };
  const code = await bundledHandlers(functions);
  const warm = new Map<HandlerName, Promise<Sandbox>>();
  const sandboxes: Sandbox[] = [];
  const coldStart = async (name: HandlerName): Promise<Sandbox> => {
    const sandbox = await startSandbox(code, name, environment);
    sandboxes.push(sandbox);
    return sandbox;
  };
  const kept = (name: HandlerName): Promise<Sandbox> => {
    const sandbox = warm.get(name) ?? coldStart(name);
    warm.set(name, sandbox);
    return sandbox;
  };
  const deliver: Lambda["deliver"] = async (queue, sandbox, remainingMs = INVOCATION_MS) => {
    const message = await receive(aws, queues[queue]);
    if (message === null) return null;
    const at = sandbox ?? (await kept(FUNCTION_OF[queue]));
    const invoked = await at.invoke(eventOf(queues[queue], message), remainingMs, clock.aheadMs());
    if (isDone(invoked)) await remove(aws, queues[queue], message);
    return invoked;
  };
  return {
    aws,
    advance: clock.advance,
    aheadMs: clock.aheadMs,
    coldStart,
    invoke: async (name, event, remainingMs = INVOCATION_MS) =>
      (await kept(name)).invoke(event, remainingMs, clock.aheadMs()),
    async send(queue, group, body) {
      const MessageDeduplicationId = `${Date.now()}-${Math.random()}`;
      const message = { MessageBody: body, MessageGroupId: group, MessageDeduplicationId };
      await aws.sqs.send(new SendMessageCommand({ QueueUrl: queues[queue], ...message }));
    },
    deliver,
    depth: (queue) => depthOf(aws, queues[queue]),
    pump: () => pump(deliver),
    async stop() {
      await Promise.all(sandboxes.map((each) => each.stop()));
      clock.restore();
      await aws.stop();
    },
  };
}

/** The emulators and everything else in this process see time by `Date.now`. */
function patchClock() {
  const realNow = Date.now;
  let aheadMs = 0;
  Date.now = () => realNow() + aheadMs;
  return {
    aheadMs: () => aheadMs,
    advance: (ms: number) => {
      aheadMs += ms;
    },
    restore: () => {
      Date.now = realNow;
    },
  };
}

async function createQueues(aws: Aws, seconds: number): Promise<Readonly<Record<QueueName, string>>> {
  const [appliesDead, tasksDead] = [await aws.createQueue(seconds), await aws.createQueue(seconds)];
  const deadLetters = (url: string) => ({ url, receives_max: RECEIVES_MAX });
  const applies = await aws.createQueue(seconds, deadLetters(appliesDead));
  const tasks = await aws.createQueue(seconds, deadLetters(tasksDead));
  return { applies, tasks, appliesDead, tasksDead };
}

async function receive({ sqs }: Aws, QueueUrl: string): Promise<Message | null> {
  const asked = { QueueUrl, MaxNumberOfMessages: 1, MessageSystemAttributeNames: ["All" as const] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(asked));
  return Messages[0] ?? null;
}

function eventOf(url: string, { Body, MessageId, ReceiptHandle, Attributes }: Message): SQSEvent {
  return sqsEvent({
    queueArn: `arn:aws:sqs:us-east-1:111122223333:${url.split("/").at(-1)}`,
    body: Body ?? "",
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    deliveries: Number(Attributes?.ApproximateReceiveCount),
    group: Attributes?.MessageGroupId ?? "",
  });
}

function isDone(invoked: Invoked): boolean {
  if (invoked.tag !== "answered") return false;
  const { batchItemFailures } = invoked.value as { readonly batchItemFailures: readonly unknown[] };
  return batchItemFailures.length === 0;
}

/** Under a receipt that is over it stays, and comes again. */
async function remove({ sqs }: Aws, QueueUrl: string, { ReceiptHandle }: Message): Promise<void> {
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })).catch(() => undefined);
}

async function depthOf({ sqs }: Aws, QueueUrl: string): Promise<Depth> {
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
  const { Attributes } = await sqs.send(asked);
  return {
    visible: Number(Attributes?.["ApproximateNumberOfMessages"]),
    hidden: Number(Attributes?.["ApproximateNumberOfMessagesNotVisible"]),
  };
}

async function pump(deliver: Lambda["deliver"]): Promise<number> {
  for (let turns = 0; turns < TURNS_MAX; ) {
    const before = turns;
    for (const queue of ["tasks", "applies", "tasksDead", "appliesDead"] as const) {
      if ((await deliver(queue)) !== null) turns += 1;
    }
    if (turns === before) return turns;
  }
  throw new Error(`messages without end: ${TURNS_MAX} and more`);
}

/** No message is left, whether it can be had or is hidden. */
export async function messageProblems(lambda: Lambda): Promise<readonly string[]> {
  const depths = await Promise.all(QUEUES.map(async (queue) => [queue, await lambda.depth(queue)] as const));
  const left = depths.filter(([, { visible, hidden }]) => visible + hidden > 0);
  return left.map(([queue, depth]) => `the queue ${queue} has ${JSON.stringify(depth)}`);
}
