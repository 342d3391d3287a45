/**
 * OpenRoot: a folder or `s3://bucket/prefix` that a command was given, as stores. The SDK is loaded only for a bucket,
 * and Lance only when rows are read. Opening and reading create nothing.
 */
import { basename, resolve } from "node:path";
import { parseS3Url, s3Url } from "../lib/aws/bucket-place.ts";
import type { AwsSettings } from "../lib/aws/clients.ts";
import { createLanceTables } from "../lib/engine/lance/lance-tables.ts";
import type { Tables } from "../lib/engine/tables.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { createGraphFolder } from "../lib/file/graph-folder.ts";
import { openFileRoot } from "../lib/file/open-root.ts";
import { decodeDeployment } from "../lib/ledger/deployment.ts";
import { DEPLOYMENT_KEY } from "../lib/ledger/keys.ts";
import { readObjectRetrying } from "../lib/ledger/retry.ts";
import type { LeaseTable } from "../lib/ports/lease-table.ts";
import { createLedgerStoreOver } from "../lib/ports/ledger-over-objects.ts";
import type { LedgerStore } from "../lib/ports/ledger-store.ts";
import type { ObjectParts } from "../lib/ports/object-parts.ts";
import type { ObjectStore } from "../lib/ports/object-store.ts";

export interface OpenedRoot {
  readonly kind: "folder" | "bucket";
  /** An absolute folder, or `s3://bucket/prefix` without a slash at its end. */
  readonly root: string;
  readonly store: ObjectStore;
  /** What lies there and is too long to hold. */
  readonly parts: ObjectParts;
  readonly ledger: LedgerStore;
  readonly tables: Tables;
  /** The lease of the cluster at the root, as its `deployment.json` names it. */
  lease(): Promise<LeaseTable>;
}

/** Null for what is neither. */
export async function openRoot(text: string): Promise<OpenedRoot | null> {
  if (text === "") return null;
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) ? openBucket(text) : openFolder(resolve(text));
}

function openFolder(root: string): OpenedRoot {
  const { store, parts, ledger, lease } = openFileRoot(root);
  const tables = createLanceTables({ root, storage: createGraphFolder(root) });
  return { kind: "folder", root, store, parts, ledger, tables, lease: async () => lease };
}

async function openBucket(text: string): Promise<OpenedRoot | null> {
  const place = parseS3Url(text);
  if (place === null) return null;
  const { awsSettings, createS3Client } = await import("../lib/aws/clients.ts");
  const { settingsOfBucket } = await import("../lib/aws/bucket-region.ts");
  const { createS3ObjectStore } = await import("../lib/aws/object-store.ts");
  const { createS3ObjectParts } = await import("../lib/aws/object-parts.ts");
  const { createS3GraphStorage } = await import("../lib/aws/graph-storage.ts");
  const { lanceStorageOptions } = await import("../lib/aws/lance-options.ts");
  const settings = awsSettings(process.env);
  const ofBucket = await settingsOfBucket(settings, place.bucket);
  const s3 = createS3Client(ofBucket);
  const store = createS3ObjectStore(s3, place);
  const root = s3Url(place);
  return {
    kind: "bucket",
    root,
    store,
    parts: createS3ObjectParts(s3, place),
    ledger: createLedgerStoreOver(store),
    tables: createLanceTables({
      root,
      storage: createS3GraphStorage(s3, place),
      storage_options: lanceStorageOptions(ofBucket),
    }),
    lease: () => leaseOf(store, root, settings),
  };
}

/** In a deployment the root of a cluster ends in its name, and the lease table keeps one item a cluster. */
async function leaseOf(store: ObjectStore, root: string, settings: AwsSettings): Promise<LeaseTable> {
  const found = await readObjectRetrying({ store, clock: SYSTEM_CLOCK }, DEPLOYMENT_KEY);
  const deployment = found.tag === "found" ? decodeDeployment(found.bytes) : null;
  const { parseClusterName } = await import("../lib/digest/ids.ts");
  const cluster = parseClusterName(basename(root));
  if (deployment?.lease_table.kind !== "dynamodb" || cluster === null) {
    return unreachable(`${DEPLOYMENT_KEY} names no table that can be reached from here`);
  }
  const [table = "", region] = deployment.lease_table.name.split("/").reverse();
  const { createDynamoClient } = await import("../lib/aws/clients.ts");
  const { createDynamoLeaseTable } = await import("../lib/aws/lease-table.ts");
  const client = createDynamoClient({ ...settings, region: region ?? settings.region });
  return createDynamoLeaseTable(client, { table, cluster }, SYSTEM_CLOCK);
}

function unreachable(reason: string): LeaseTable {
  const answer = { tag: "unavailable", reason } as const;
  return {
    read: async () => answer,
    acquire: async () => answer,
    renew: async () => answer,
    release: async () => answer,
    break: async () => answer,
    knows: async () => "unavailable",
  };
}
