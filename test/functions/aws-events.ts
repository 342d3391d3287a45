/** Events as AWS sends them to functions: their shapes, in full. */
import type { APIGatewayProxyEventV2, Context, SQSEvent, SQSRecord } from "aws-lambda";

export interface Delivery {
  readonly queueArn: string;
  readonly body: string;
  readonly messageId?: string;
  readonly receiptHandle?: string;
  readonly deliveries?: number;
  /** Of FIFO queues. */
  readonly group?: string;
}

export function sqsRecord(delivery: Delivery): SQSRecord {
  const { queueArn, body, messageId = "059f36b4-87a3-44ab-83d2-661975830a7d", deliveries = 1 } = delivery;
  const fifo =
    delivery.group === undefined
      ? {}
      : {
          SequenceNumber: "18849496460467696128",
          MessageGroupId: delivery.group,
          MessageDeduplicationId: messageId,
        };
  return {
    messageId,
    receiptHandle: delivery.receiptHandle ?? "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
    body,
    attributes: {
      ApproximateReceiveCount: String(deliveries),
      SentTimestamp: "1545082649183",
      SenderId: "AIDAIENQZJOLO23YVJ4VO",
      ApproximateFirstReceiveTimestamp: "1545082649185",
      ...fifo,
    },
    messageAttributes: {},
    md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: "us-east-1",
  };
}

export function sqsEvent(...deliveries: readonly Delivery[]): SQSEvent {
  return { Records: deliveries.map(sqsRecord) };
}

export interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly principal: string;
  readonly etag: string;
  readonly bytes: number;
}

/** The notification of S3 of one upload, as it lies in the body of a message. */
export function uploadNotification({ bucket, key, principal, etag, bytes }: Upload): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: "2026-01-01T00:00:00.000Z",
        eventName: "ObjectCreated:Put",
        userIdentity: { principalId: principal },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8" },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "uploads",
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: "A3NL1KOZZKExample" },
            arn: `arn:aws:s3:::${bucket}`,
          },
          object: {
            key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
            size: bytes,
            eTag: etag.replaceAll('"', ""),
            versionId: "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            sequencer: "0055AED6DCD90281E5",
          },
        },
      },
    ],
  });
}

/** What S3 sends when notifications are switched on. */
export const S3_TEST_EVENT = JSON.stringify({
  Service: "Amazon S3",
  Event: "s3:TestEvent",
  Time: "2026-01-01T00:00:00.000Z",
  Bucket: "bucket",
  RequestId: "5582815E1AEA5ADF",
  HostId: "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
});

export interface HttpCall {
  readonly api_id: string;
  readonly method: string;
  readonly path: string;
  readonly authorizer: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An event of an HTTP API, payload 2.0. */
export function httpEvent({
  api_id,
  method,
  path,
  authorizer,
  headers,
  body,
}: HttpCall): APIGatewayProxyEventV2 {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const domainName = `${api_id}.execute-api.us-east-1.amazonaws.com`;
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey: "ANY /v1/{proxy+}",
    rawPath,
    rawQueryString,
    headers: { host: domainName, "content-type": "application/json", ...headers },
    requestContext: {
      accountId: "111122223333",
      apiId: api_id,
      domainName,
      domainPrefix: api_id,
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "ANY /v1/{proxy+}",
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 1767225600000,
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return Object.assign(event, { requestContext: { ...event.requestContext, authorizer } });
}

export function iamAuthorizer(userArn: string): Readonly<Record<string, unknown>> {
  return {
    iam: {
      accessKey: "ASIAEXAMPLE",
      accountId: "111122223333",
      callerId: "AROAEXAMPLE:session",
      cognitoIdentity: null,
      principalOrgId: "o-example",
      userArn,
      userId: "AROAEXAMPLE:session",
    },
  };
}

export function jwtAuthorizer(claims: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return { jwt: { claims, scopes: null } };
}

export function lambdaContext(remainingMs = 300_000): Context {
  const unused = () => undefined;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "graphform-test",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:111122223333:function:graphform-test",
    memoryLimitInMB: "1024",
    awsRequestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    logGroupName: "group",
    logStreamName: "stream",
    getRemainingTimeInMillis: () => remainingMs,
    done: unused,
    fail: unused,
    succeed: unused,
  };
}
