/** MessageClients: the SDK clients of SQS and SNS, with the guarantees of clients.ts. */
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AwsSettings, CLIENT_LIMITS, clientConfig } from "./clients.ts";
import { RECEIVE_WAIT_S_MAX } from "./limits.ts";

/** A client of SQS. */
export function createSqsClient(settings: AwsSettings, limits = CLIENT_LIMITS): SQSClient {
  const config = clientConfig(settings, settings.endpoints.sqs, limits);
  return new SQSClient({
    ...config,
    // A receive may wait for its answer for so much longer; its request has the limit of that.
    requestHandler: {
      ...config.requestHandler,
      socketTimeout: RECEIVE_WAIT_S_MAX * 1000 + limits.request_ms,
    },
    // Queues are addressed by URL; where an endpoint is given it is the endpoint that counts, not the URL's host.
    useQueueUrlAsEndpoint: settings.endpoints.sqs === null,
  });
}

/** A client of SNS. */
export function createSnsClient(settings: AwsSettings, limits = CLIENT_LIMITS): SNSClient {
  return new SNSClient(clientConfig(settings, settings.endpoints.sns, limits));
}
