/**
 * Grants: the sentences that permissions are made of. Each function says which of them hold for it where it is declared
 * (functions.ts); nothing else gives a function a permission.
 */
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Topic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";

type Keys = readonly [string, ...string[]];

function objects(sid: string, bucket: Bucket, actions: readonly string[], keys: Keys): PolicyStatement {
  const resources = keys.map((key) => bucket.arnForObjects(key));
  return new PolicyStatement({ sid, actions: [...actions], resources });
}

export function mayRead(bucket: Bucket, ...keys: Keys): PolicyStatement {
  return objects("ReadObjects", bucket, ["s3:GetObject"], keys);
}

export function mayWrite(bucket: Bucket, ...keys: Keys): PolicyStatement {
  return objects("WriteObjects", bucket, ["s3:PutObject"], keys);
}

export function mayRemove(bucket: Bucket, ...keys: Keys): PolicyStatement {
  return objects("RemoveObjects", bucket, ["s3:DeleteObject"], keys);
}

/** Rows are uploaded in parts, and parts that lead nowhere are given up. */
export function mayGiveUpUploads(bucket: Bucket, ...keys: Keys): PolicyStatement {
  return objects("GiveUpUploads", bucket, ["s3:AbortMultipartUpload"], keys);
}

/**
 * Without it S3 answers 403 for a key that is not there, and absence could not be proven (design 4.7). For the whole
 * bucket: whether a condition on prefixes also holds for reads of single keys is nowhere promised.
 */
export function mayList(bucket: Bucket): PolicyStatement {
  return new PolicyStatement({ sid: "ListKeys", actions: ["s3:ListBucket"], resources: [bucket.bucketArn] });
}

export function maySeeLease(table: Table): PolicyStatement {
  return new PolicyStatement({ sid: "SeeLease", actions: ["dynamodb:GetItem"], resources: [table.tableArn] });
}

export function mayHoldLease(table: Table): PolicyStatement {
  const actions = ["dynamodb:GetItem", "dynamodb:PutItem"];
  return new PolicyStatement({ sid: "HoldLease", actions, resources: [table.tableArn] });
}

export function maySend(...queues: readonly [Queue, ...Queue[]]): PolicyStatement {
  const resources = queues.map((queue) => queue.queueArn);
  return new PolicyStatement({ sid: "SendPrompts", actions: ["sqs:SendMessage"], resources });
}

/** What a function needs that SQS feeds, and the right to ask for a message again sooner. */
export function mayTake(...queues: readonly [Queue, ...Queue[]]): PolicyStatement {
  const actions = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
  ];
  const resources = queues.map((queue) => queue.queueArn);
  return new PolicyStatement({ sid: "TakePrompts", actions, resources });
}

export function mayTell(topic: Topic): PolicyStatement {
  return new PolicyStatement({ sid: "TellPeople", actions: ["sns:Publish"], resources: [topic.topicArn] });
}

/** What publishing to an encrypted topic takes, through SNS only. */
export function mayEncryptNotices(key: Key, snsEndpoint: string): PolicyStatement {
  return new PolicyStatement({
    sid: "EncryptNotices",
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
    resources: [key.keyArn],
    conditions: { StringEquals: { "kms:ViaService": snsEndpoint } },
  });
}

/** X-Ray knows no resources for these. */
export function mayTrace(): PolicyStatement {
  const actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
  return new PolicyStatement({ sid: "Trace", actions, resources: ["*"] });
}

export function mayLog(logGroupArn: string): PolicyStatement {
  const actions = ["logs:CreateLogStream", "logs:PutLogEvents"];
  return new PolicyStatement({ sid: "Log", actions, resources: [`${logGroupArn}:*`] });
}
