/**
 * The deployment as the functions see it: the adapters of AWS put together from the environment. Making it sends
 * nothing; clients live as long as the execution environment.
 */
import type { Holding } from "../lib/apply/cluster-ports.ts";
import { bucketPlace, s3Url } from "../lib/aws/bucket-place.ts";
import { type AwsSettings, createDynamoClient, createS3Client } from "../lib/aws/clients.ts";
import { createS3ExportFiles } from "../lib/aws/export-files.ts";
import { createS3GraphStorage } from "../lib/aws/graph-storage.ts";
import { createS3Inbox } from "../lib/aws/inbox.ts";
import { createS3ObjectStore } from "../lib/aws/object-store.ts";
import { openAwsRoot } from "../lib/aws/open-root.ts";
import { type ClusterName, parseClusterName } from "../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { createUlids } from "../lib/file/ids.ts";
import { retryRead } from "../lib/ledger/retry.ts";
import type { Log } from "../lib/ports/log.ts";
import type { Deployment, DeploymentSettings } from "../lib/worker/deployment.ts";
import type { Environment } from "./environment.ts";
import { lateMessages } from "./late-messages.ts";
import type { OpenEngine } from "./open-engine.ts";

export interface DeploymentParts {
  readonly environment: Environment;
  readonly aws: AwsSettings;
  readonly settings: DeploymentSettings;
  /** Functions that touch no rows have less of one. */
  readonly openEngine: OpenEngine;
  readonly log: Log;
  /** How long this invocation may hold a lease; absent: some minutes, renewed. */
  readonly holding?: () => Holding;
}

export function createDeployment(parts: DeploymentParts): Deployment {
  const { environment, aws, settings, log } = parts;
  const bucket = environment.GRAPHFORM_BUCKET;
  const s3 = createS3Client(aws);
  const clock = SYSTEM_CLOCK;
  const roots = createS3GraphStorage(s3, bucketPlace(bucket, ""));
  return {
    settings,
    open: opener(parts, s3),
    async clusters() {
      const listed = await retryRead(clock, () => roots.listFolders("clusters"));
      if (listed.tag === "unavailable") return listed;
      const names = listed.value.flatMap((name) => parseClusterName(name) ?? []);
      return { tag: "listed", names };
    },
    inbox: createS3Inbox(s3, bucketPlace(bucket, ""), clock),
    exports: createS3ExportFiles(s3, bucketPlace(bucket, ""), clock),
    ...lateMessages({ environment, aws, log }),
    clock,
    ids: createUlids(),
    log,
    records: createS3ObjectStore(s3, bucketPlace(bucket, "deployment")),
  };
}

function opener(parts: DeploymentParts, s3: ReturnType<typeof createS3Client>): Deployment["open"] {
  const { environment, aws, settings, log } = parts;
  const dynamodb = createDynamoClient(aws);
  const ids = createUlids();
  const clock = SYSTEM_CLOCK;
  return (cluster: ClusterName) => {
    const place = bucketPlace(environment.GRAPHFORM_BUCKET, `clusters/${cluster}`);
    const lease = { table: environment.GRAPHFORM_LEASE_TABLE, cluster };
    const { graphs, ...stores } = openAwsRoot({ s3, dynamodb, place, lease, clock, region: aws.region });
    const root = s3Url(place);
    return {
      ...stores,
      engine: parts.openEngine({ root, storage: graphs, aws, store: stores.store, clock, ids, log }),
      rules: settings.rules,
      clock,
      ids,
      log,
      root,
      owner: environment.AWS_LAMBDA_FUNCTION_NAME,
      pid: process.pid,
      ...(parts.holding === undefined ? {} : { holding: parts.holding }),
    };
  };
}
