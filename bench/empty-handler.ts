/** A handler that does nothing, with the SDK clients that all others start with: what a function cannot start faster than. */
import { awsSettings, createDynamoClient, createS3Client } from "../lib/aws/clients.ts";

const settings = awsSettings(process.env);
const clients = [createS3Client(settings), createDynamoClient(settings)];

export async function handler(): Promise<number> {
  return clients.length;
}
