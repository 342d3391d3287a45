/**
 * BucketPolicy: what the bucket refuses to everybody, administrators and our own bugs included. It must be loosened by
 * hand, visibly, before anything of this can be done.
 *
 * - Ledger, records, manifests: written only on a condition, so that no write can go over another one unseen.
 * - Nothing is deleted but rows, uploads, exports and the three kinds of objects whose absence means something: the lock file,
 *   sidecars and the marks of open runs. Those, and what `graphform doctor` has tried, go only on the condition that they
 *   are what their remover saw.
 * - No version is deleted but of rows, uploads and exports: without its marker a lock or an intent that has gone would be back.
 *
 * Lifecycle rules are not subject to bucket policies. Uploads in parts send no condition with their parts and are
 * refused where a condition is required: what lies there is small.
 */
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { KEYS } from "./keys.ts";

const NO_CONDITION = { Null: { "s3:if-none-match": "true", "s3:if-match": "true" } };
const NO_VERSION = { Null: { "s3:if-match": "true" } };

export interface BucketPolicyOptions {
  /** OmniGraph's command line writes its sidecars, approvals and payloads without conditions. */
  readonly omnigraph_writes: boolean;
}

export function bucketPolicy(bucket: Bucket, { omnigraph_writes }: BucketPolicyOptions): PolicyStatement[] {
  const shared = omnigraph_writes ? [KEYS.ledger] : [KEYS.clusterRecords];
  const ours = [KEYS.records, KEYS.manifests, KEYS.rootMarkers, KEYS.deployment];
  const own = [KEYS.openRuns, KEYS.probes];
  const removable = omnigraph_writes ? own : [KEYS.lock, KEYS.sidecars, ...own];
  const arns = (keys: readonly string[]) => keys.map((key) => bucket.arnForObjects(key));
  const refuse = (sid: string) =>
    new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()] });

  const writes = refuse("WritesNeedACondition");
  writes.addActions("s3:PutObject");
  writes.addResources(...arns([...shared, ...ours]));
  writes.addConditions(NO_CONDITION);

  const removals = refuse("RemovalsNeedAVersion");
  removals.addActions("s3:DeleteObject");
  removals.addResources(...arns(removable));
  removals.addConditions(NO_VERSION);

  const kept = refuse("NothingElseIsDeleted");
  kept.addActions("s3:DeleteObject");
  kept.addNotResources(...arns([KEYS.lock, KEYS.sidecars, ...own, KEYS.rows, KEYS.inbox, KEYS.exports]));

  const versions = refuse("VersionsAreKept");
  versions.addActions("s3:DeleteObjectVersion");
  versions.addNotResources(...arns([KEYS.rows, KEYS.inbox, KEYS.exports]));
  return [writes, removals, kept, versions];
}
