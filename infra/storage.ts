/**
 * Storage: the bucket that is the truth. Versioned, private, encrypted, over TLS only, with what it refuses in
 * bucket-policy.ts. Server access logs go to a bucket of their own.
 *
 * Encrypted by S3's own keys: a key in KMS would cost a call a request and make a second service part of every commit.
 */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { bucketPolicy } from "./bucket-policy.ts";
import type { Inputs } from "./inputs.ts";
import { CLUSTERS, DEPLOYMENT, EXPORTS, INBOX } from "./keys.ts";
import { ACCESS_LOG_DAYS, EXPORT_DAYS, INBOX_DAYS, MULTIPART_DAYS, REQUEST_DAYS } from "./limits.ts";

const PRIVATE = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
} satisfies BucketProps;

export class Storage extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, inputs: Inputs) {
    super(scope, "Storage");
    // A bucket of a deployment that was never finished is empty and goes.
    const kept = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const removalPolicy = inputs.removal === "retain" ? kept : RemovalPolicy.DESTROY;
    const logs = new Bucket(this, "AccessLogs", {
      ...PRIVATE,
      // Logs arrive for hours after the last request, so that it is never certainly empty.
      removalPolicy: kept,
      lifecycleRules: [{ id: "access-logs", expiration: Duration.days(ACCESS_LOG_DAYS) }],
    });
    acknowledge(
      logs,
      "AwsSolutions-S1",
      "It holds the access logs; logging who delivers logs would never end.",
    );
    // Without it nothing would be delivered there, and the bucket that stays would no longer be logged.
    logs.policy?.applyRemovalPolicy(kept);
    this.bucket = new Bucket(this, "Bucket", {
      ...PRIVATE,
      versioned: true,
      removalPolicy,
      // The types of CDK and of `exactOptionalPropertyTypes` disagree about a property of websites.
      serverAccessLogsBucket: logs as IBucket,
      serverAccessLogsPrefix: "bucket/",
      lifecycleRules: [...lifecycleRules(inputs.version_days)],
    });
    for (const statement of bucketPolicy(this.bucket, inputs)) this.bucket.addToResourcePolicy(statement);
    // A bucket that stays goes on refusing what it has refused.
    this.bucket.policy?.applyRemovalPolicy(removalPolicy);
  }

  /**
   * Tells `queue` of every upload. Said on the bucket itself, because CDK's own way deploys another function for it;
   * so the queue must let S3 in before, and names the account instead of the bucket (queues.ts).
   */
  announceUploads(queue: Queue): void {
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    const filter = { s3Key: { rules: [{ name: "prefix", value: INBOX }] } };
    bucket.notificationConfiguration = {
      queueConfigurations: [{ event: "s3:ObjectCreated:*", queue: queue.queueArn, filter }],
    };
    const policy = queue.node.tryFindChild("Policy");
    if (policy !== undefined) this.bucket.node.addDependency(policy);
  }
}

/**
 * Rules name literal prefixes, so that rows and records of all clusters share one: a version of the ledger is of use
 * only beside the rows of its time.
 */
function lifecycleRules(version_days: number): readonly LifecycleRule[] {
  const abortIncompleteMultipartUploadAfter = Duration.days(MULTIPART_DAYS);
  return [
    {
      id: "replaced-and-deleted",
      prefix: CLUSTERS,
      noncurrentVersionExpiration: Duration.days(version_days),
      expiredObjectDeleteMarker: true,
      abortIncompleteMultipartUploadAfter,
    },
    {
      id: "uploads",
      prefix: INBOX,
      expiration: Duration.days(INBOX_DAYS),
      noncurrentVersionExpiration: Duration.days(1),
      abortIncompleteMultipartUploadAfter,
    },
    {
      id: "exports",
      prefix: EXPORTS,
      expiration: Duration.days(EXPORT_DAYS),
      noncurrentVersionExpiration: Duration.days(1),
      abortIncompleteMultipartUploadAfter: Duration.days(EXPORT_DAYS),
    },
    {
      id: "answered-requests",
      prefix: `${DEPLOYMENT}requests/`,
      expiration: Duration.days(REQUEST_DAYS),
      noncurrentVersionExpiration: Duration.days(1),
    },
  ];
}
