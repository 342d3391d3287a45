/**
 * Queues: prompts to look at work. Two FIFO queues, applies (a cluster has a group for its orders, one for its watch, one
 * for its refresh, and one for each other prompt) and tasks (plans, loads and exports), and a standard queue for the
 * bucket's upload events, which FIFO queues cannot take. Each has a dead-letter queue of its kind. A message stays hidden
 * six times as long as its function may take, as Lambda asks for, and its group with it.
 */
import { Aws, Duration } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { Inputs } from "./inputs.ts";
import {
  DEAD_LETTER_RETENTION_DAYS,
  DEAD_LETTER_TIMEOUT_S,
  INTAKE_TIMEOUT_S,
  QUEUE_RETENTION_DAYS,
  RECEIVES_MAX,
  VISIBILITY_TIMEOUTS,
} from "./limits.ts";

export interface QueuePair {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

export class Queues extends Construct {
  readonly applies: QueuePair;
  readonly tasks: QueuePair;
  readonly uploads: QueuePair;

  constructor(scope: Construct, { worker_minutes }: Inputs) {
    super(scope, "Queues");
    const worker = Duration.minutes(worker_minutes);
    this.applies = queuePair(this, "Applies", { fifo: true, timeout: worker });
    this.tasks = queuePair(this, "Tasks", { fifo: true, timeout: worker });
    this.uploads = queuePair(this, "Uploads", { fifo: false, timeout: Duration.seconds(INTAKE_TIMEOUT_S) });
    // The account and not the bucket: the bucket cannot exist before the queue that it announces uploads to. Which bucket
    // it was stands in the message.
    this.uploads.queue.grantSendMessages(
      new ServicePrincipal("s3.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    this.uploads.queue.addToResourcePolicy(onlyServicesSend(this.uploads.queue));
  }
}

/**
 * The event of an upload says who sent it, and is believed. So nobody else may write one: not by hand, not by moving
 * messages of another queue here. Dead letters get to their queue and events to this one without such a permission.
 */
function onlyServicesSend({ queueArn }: Queue): PolicyStatement {
  return new PolicyStatement({
    sid: "OnlyServicesSend",
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ["sqs:SendMessage"],
    resources: [queueArn],
    conditions: { Bool: { "aws:PrincipalIsAWSService": "false" } },
  });
}

interface QueueShape {
  readonly fifo: boolean;
  /** Of the function that takes the messages. */
  readonly timeout: Duration;
}

function queuePair(scope: Construct, name: string, { fifo, timeout }: QueueShape): QueuePair {
  const shared = {
    ...(fifo ? { fifo, contentBasedDeduplication: false } : {}),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  };
  const deadLetters = new Queue(scope, `${name}DeadLetters`, {
    ...shared,
    visibilityTimeout: hiddenFor(Duration.seconds(DEAD_LETTER_TIMEOUT_S)),
    retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
  });
  const queue = new Queue(scope, name, {
    ...shared,
    visibilityTimeout: hiddenFor(timeout),
    retentionPeriod: Duration.days(QUEUE_RETENTION_DAYS),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: RECEIVES_MAX },
  });
  return { queue, deadLetters };
}

function hiddenFor(timeout: Duration): Duration {
  return Duration.seconds(timeout.toSeconds() * VISIBILITY_TIMEOUTS);
}
