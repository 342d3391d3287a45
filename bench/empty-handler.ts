/** A handler that does nothing, with the SDK clients of all others: what a function cannot start faster than. */
import {
  awsSettings,
  createDynamoClient,
  createS3Client,
  createSnsClient,
  createSqsClient,
} from "../lib/aws/clients.ts";

const settings = awsSettings(process.env);
const clients = [createS3Client, createDynamoClient, createSqsClient, createSnsClient].map((create) =>
  create(settings),
);

export async function handler(): Promise<number> {
  return clients.length;
}
