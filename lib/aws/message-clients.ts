/** MessageClients: the SDK clients of SQS and SNS, with the guarantees of clients.ts. */
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSettings, CLIENT_LIMITS, clientConfig } from "./clients.ts";

/** A client of SQS. */
export function createSqsClient(settings: AwsSettings, limits = CLIENT_LIMITS): SQSClient {
  return new SQSClient({
    ...clientConfig(settings, settings.endpoints.sqs, limits),
    // Queues are addressed by URL; where an endpoint is given it is the endpoint that counts, not the URL's host.
    useQueueUrlAsEndpoint: settings.endpoints.sqs === null,
  });
}

/** A client of SNS. */
export function createSnsClient(settings: AwsSettings, limits = CLIENT_LIMITS): SNSClient {
  return new SNSClient(clientConfig(settings, settings.endpoints.sns, limits));
}
