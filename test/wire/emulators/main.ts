/**
 * Starts an S3, a DynamoDB and an SQS on loopback and keeps them until it is ended, for suites in other processes:
 * prints the variables that name them, one a line, as a shell reads them.
 */
import { startDynamo } from "./dynamodb-server.ts";
import { startS3 } from "./s3-server.ts";
import { startSqs } from "./sqs-server.ts";

const SECRET = "test";
const ALIVE_MS = 60_000;

const [s3, dynamodb, sqs] = await Promise.all([startS3(SECRET), startDynamo(), startSqs()]);
const variables = {
  AWS_ENDPOINT_URL_S3: s3.url,
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
  AWS_ENDPOINT_URL_SQS: sqs.url,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: SECRET,
};
for (const [name, value] of Object.entries(variables)) process.stdout.write(`export ${name}=${value}\n`);
// The servers themselves keep no process alive.
setInterval(() => undefined, ALIVE_MS);
