/** The stores of one cluster on AWS: objects and ledger below a prefix of a bucket, the lease in a table. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../ports/clock.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import { createLedgerStoreOver } from "../ports/ledger-over-objects.ts";
import type { LedgerStore } from "../ports/ledger-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { createS3GraphStorage, type S3GraphStorage } from "./graph-storage.ts";
import { createDynamoLeaseTable, type LeasePlace } from "./lease-table.ts";
import { createS3ObjectStore } from "./object-store.ts";

export interface AwsRootOptions {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly place: BucketPlace;
  readonly lease: LeasePlace;
  /** Of the lease table; null where a server of one's own knows no regions. */
  readonly region: string | null;
  readonly clock: Clock;
}

export interface AwsRoot {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly lease: LeaseTable;
  readonly graphs: S3GraphStorage;
  /** What `deployment.json` names: `<region>/<table>`, because tables of two regions may share a name. */
  readonly lease_table: { readonly kind: "dynamodb"; readonly name: string };
}

/** Opens a root; opening and reading create nothing. */
export function openAwsRoot({ s3, dynamodb, place, lease, region, clock }: AwsRootOptions): AwsRoot {
  const store = createS3ObjectStore(s3, place);
  return {
    store,
    ledger: createLedgerStoreOver(store),
    lease: createDynamoLeaseTable(dynamodb, lease, clock),
    graphs: createS3GraphStorage(s3, place),
    lease_table: { kind: "dynamodb", name: region === null ? lease.table : `${region}/${lease.table}` },
  };
}
