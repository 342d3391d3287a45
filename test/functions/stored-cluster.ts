/**
 * StoredCluster: everything that is kept of one cluster, as it lies in the bucket and in the lease table. It can be taken
 * and put back, so that many cases begin in the same world without living through it again.
 */
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "../wire/emulators/start-aws.ts";

export interface StoredObject {
  readonly etag: string;
  readonly text: string;
}

export interface StoredCluster {
  readonly cluster: string;
  /** By key below the root of the cluster. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  readonly lease: Readonly<Record<string, AttributeValue>> | null;
}

function rootOf(cluster: string): string {
  return `clusters/${cluster}/`;
}

/** Reads everything; what `known` has is not read again. */
export async function readStored(aws: Aws, cluster: string, known?: StoredCluster): Promise<StoredCluster> {
  const prefix = rootOf(cluster);
  const listed = await etagsBelow(aws, prefix);
  const read = [...listed].map(async ([key, etag]) => {
    const same = known?.objects.get(key);
    if (same?.etag === etag) return [key, same] as const;
    const command = new GetObjectCommand({ Bucket: aws.bucket, Key: `${prefix}${key}` });
    const text = (await (await aws.s3.send(command)).Body?.transformToString("latin1")) ?? "";
    return [key, { etag, text }] as const;
  });
  const item = new GetItemCommand({
    TableName: aws.table,
    Key: { cluster: { S: cluster } },
    ConsistentRead: true,
  });
  const { Item = null } = await aws.dynamodb.send(item);
  return { cluster, objects: new Map(await Promise.all(read)), lease: Item };
}

/** Makes the cluster again what it was. */
export async function putBack(aws: Aws, { cluster, objects, lease }: StoredCluster): Promise<void> {
  const prefix = rootOf(cluster);
  const listed = await etagsBelow(aws, prefix);
  const gone = [...listed.keys()].filter((key) => !objects.has(key));
  const changed = [...objects].filter(([key, { etag }]) => listed.get(key) !== etag);
  await Promise.all([
    ...gone.map((key) =>
      aws.s3.send(new DeleteObjectCommand({ Bucket: aws.bucket, Key: `${prefix}${key}` })),
    ),
    ...changed.map(([key, { text }]) => {
      const Body = Buffer.from(text, "latin1");
      return aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: `${prefix}${key}`, Body }));
    }),
  ]);
  const TableName = aws.table;
  if (lease === null) {
    await aws.dynamodb.send(new DeleteItemCommand({ TableName, Key: { cluster: { S: cluster } } }));
  } else {
    await aws.dynamodb.send(new PutItemCommand({ TableName, Item: { ...lease } }));
  }
}

async function etagsBelow({ s3, bucket }: Aws, prefix: string): Promise<ReadonlyMap<string, string>> {
  const { Contents = [], IsTruncated } = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }),
  );
  if (IsTruncated === true) throw new Error(`more objects below ${prefix} than one page has`);
  return new Map(Contents.map(({ Key = "", ETag = "" }) => [Key.slice(prefix.length), ETag]));
}
