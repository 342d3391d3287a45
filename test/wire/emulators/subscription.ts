/** What a topic delivers: a queue of its own is subscribed to it, as an operator's would be. */
import { type SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

export interface Subscription {
  readonly queue_url: string;
  /** The bodies of the messages that have come since this was asked last, in their order. */
  delivered(): Promise<readonly string[]>;
}

/** `sqs` speaks to the server that delivers for the topic. */
export async function subscribe(
  { sns, sqs }: { readonly sns: SNSClient; readonly sqs: SQSClient },
  topicArn: string,
  queueName: string,
): Promise<Subscription> {
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: queueName }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
  const Endpoint = (await sqs.send(asked)).Attributes?.QueueArn;
  const Attributes = { RawMessageDelivery: "true" };
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint, Attributes }));
  return { queue_url: QueueUrl, delivered: () => emptied(sqs, QueueUrl) };
}

async function emptied(sqs: SQSClient, QueueUrl: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (let messages: readonly Message[] = [{}]; messages.length > 0; ) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 });
    messages = (await sqs.send(command)).Messages ?? [];
    for (const { Body = "", ReceiptHandle } of messages) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      bodies.push(Body);
    }
  }
  return bodies;
}
