/**
 * Clients: what all SDK clients have in common, and those of S3 and DynamoDB, which every request needs. Those of SQS and
 * SNS are in message-clients.ts, so that a function can start without them.
 *
 * Guarantees: `maxAttempts` is 1, because a hidden retry of a conditional write turns our own success into a refusal
 * (reliability 4.1); every request has a time limit, and so have a request and an answer that stop moving; checksums that
 * S3-compatible servers may not know are sent only where the protocol requires them. The standard variables `AWS_ENDPOINT_URL_S3`, `_DYNAMODB`, `_SQS`, `_SNS` and
 * `AWS_ENDPOINT_URL` name other servers; an S3 server of one's own is addressed by path, not by host name.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { CONNECT_MS_MAX, REQUEST_MS_MAX, SOCKETS_MAX, UPLOAD_BYTES_A_SECOND_MIN } from "./limits.ts";

/** The SDK is pinned and runs on every Node that this product supports; what its next versions will need is no news. */
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface AwsSettings {
  /** Null: what the environment or the profile says. */
  readonly region: string | null;
  /** Null: the service's own endpoint. */
  readonly endpoints: {
    readonly s3: string | null;
    readonly dynamodb: string | null;
    readonly sqs: string | null;
    readonly sns: string | null;
  };
  /** Null: the SDK's own chain of providers. */
  readonly credentials: AwsCredentials | null;
}

/** What servers that know no regions are told. */
const REGION_ELSEWHERE = "us-east-1";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the standard variables of an environment say. Credentials stay with the SDK, which renews them. */
export function awsSettings(environment: Environment): AwsSettings {
  const value = (name: string): string | null => environment[name] || null;
  const endpoint = (service: string): string | null =>
    value(`AWS_ENDPOINT_URL_${service}`) ?? value("AWS_ENDPOINT_URL");
  const endpoints = {
    s3: endpoint("S3"),
    dynamodb: endpoint("DYNAMODB"),
    sqs: endpoint("SQS"),
    sns: endpoint("SNS"),
  };
  const elsewhere = Object.values(endpoints).some((each) => each !== null);
  const region = value("AWS_REGION") ?? value("AWS_DEFAULT_REGION");
  return { region: region ?? (elsewhere ? REGION_ELSEWHERE : null), endpoints, credentials: null };
}

export interface ClientLimits {
  readonly connect_ms: number;
  readonly request_ms: number;
}

export const CLIENT_LIMITS: ClientLimits = { connect_ms: CONNECT_MS_MAX, request_ms: REQUEST_MS_MAX };

/** What every client is made with. */
export function clientConfig(settings: AwsSettings, endpoint: string | null, limits: ClientLimits) {
  return {
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: limits.connect_ms,
      requestTimeout: limits.request_ms,
      throwOnRequestTimeout: true,
      // The other ends with the headers of the answer; without this an answer whose body stalls is waited for for ever.
      socketTimeout: limits.request_ms,
      httpAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
      httpsAgent: { keepAlive: true, maxSockets: SOCKETS_MAX },
    },
    ...(settings.region === null ? {} : { region: settings.region }),
    ...(settings.credentials === null ? {} : { credentials: settings.credentials }),
    ...(endpoint === null ? {} : { endpoint }),
  };
}

/** Options of a request that carries a body. One that stops moving is given up as early as all others. */
export function uploadOptions({ byteLength }: Uint8Array): { readonly requestTimeout?: number } {
  if (byteLength <= UPLOAD_BYTES_A_SECOND_MIN) return {};
  return { requestTimeout: REQUEST_MS_MAX + Math.ceil((byteLength / UPLOAD_BYTES_A_SECOND_MIN) * 1_000) };
}

/** A client of S3, or of the server that the settings name instead. */
export function createS3Client(settings: AwsSettings, limits = CLIENT_LIMITS): S3Client {
  const endpoint = settings.endpoints.s3;
  return new S3Client({
    ...clientConfig(settings, endpoint, limits),
    forcePathStyle: endpoint !== null,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

/** A client of DynamoDB. */
export function createDynamoClient(settings: AwsSettings, limits = CLIENT_LIMITS): DynamoDBClient {
  return new DynamoDBClient(clientConfig(settings, settings.endpoints.dynamodb, limits));
}
