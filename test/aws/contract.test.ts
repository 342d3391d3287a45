/** The adapters on S3, DynamoDB and SQS obey the contracts of their ports, over HTTP and with the SDK's own clients. */
import { afterAll, beforeAll } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createS3Client } from "../../lib/aws/clients.ts";
import { createSqsClient } from "../../lib/aws/message-clients.ts";
import { createS3ObjectParts } from "../../lib/aws/object-parts.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { openAwsRoot } from "../../lib/aws/open-root.ts";
import { createSqsWorkQueue } from "../../lib/aws/work-queue.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { leaseTableContract } from "../contract/lease-table.contract.ts";
import { ledgerStoreContract } from "../contract/ledger-store.contract.ts";
import { objectPartsContract } from "../contract/object-parts.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
import { workQueueContract } from "../contract/work-queue.contract.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

const START_MS = Date.UTC(2026, 0, 1);
const VISIBILITY_S = 1;

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

/** Two clients of one fresh root, each with connections of its own. */
function openTwo() {
  const clock = createManualClock(START_MS);
  const second = createS3Client(aws.settings);
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  const lease = { table: aws.table, cluster: aws.name() as ClusterName };
  const shared = { dynamodb: aws.dynamodb, place, lease, region: aws.settings.region, clock };
  return {
    a: openAwsRoot({ ...shared, s3: aws.s3 }),
    b: openAwsRoot({ ...shared, s3: second }),
    clock,
    close: async () => second.destroy(),
  };
}

objectStoreContract("S3", async () => {
  const { a, b, close } = openTwo();
  return { a: a.store, b: b.store, lacks: aws.lacks, close };
});

objectPartsContract("S3", async () => {
  const second = createS3Client(aws.settings);
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  return {
    a: createS3ObjectParts(aws.s3, place),
    b: createS3ObjectParts(second, place),
    store: createS3ObjectStore(aws.s3, place),
    close: async () => second.destroy(),
  };
});

ledgerStoreContract("S3", async () => {
  const { a, b, close } = openTwo();
  return { a: a.ledger, b: b.ledger, close };
});

leaseTableContract("DynamoDB", async () => {
  const { a, b, clock, close } = openTwo();
  return { a: a.lease, b: b.lease, advance: clock.advance, close };
});

workQueueContract("SQS FIFO", async () => {
  const url = await aws.createQueue(VISIBILITY_S);
  const second = createSqsClient(aws.settings);
  return {
    a: createSqsWorkQueue(aws.sqs, url),
    b: createSqsWorkQueue(second, url),
    visibilityMs: VISIBILITY_S * 1000,
    pass: (durationMs) => SYSTEM_CLOCK.sleep(durationMs),
    timeIsFree: false,
    close: async () => second.destroy(),
  };
});
