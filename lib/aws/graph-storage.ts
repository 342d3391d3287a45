/**
 * Graph storage in a bucket: what the engine's tables need beside Lance (lib/engine/lance/graph-storage).
 *
 * Guarantees: no key outside the place is touched; removing is idempotent and reports what it could not remove; S3 is
 * durable by nature, so there is nothing to make durable. Where the bucket keeps versions, removed bytes go when its
 * lifecycle ends the noncurrent ones.
 */
import { DeleteObjectsCommand, type S3Client } from "@aws-sdk/client-s3";
import { compareBytes } from "../digest/digest.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { attempt, readFailure } from "./failure.ts";
import { LIST_KEYS_MAX, LIST_PAGES_MAX } from "./limits.ts";
import { listPage } from "./list-page.ts";

type StorageOutcome<T> =
  | { readonly tag: "ok"; readonly value: T }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface S3GraphStorage {
  listFolders(prefix: string): Promise<StorageOutcome<readonly string[]>>;
  removeTree(prefix: string): Promise<StorageOutcome<null>>;
  makeDurable(prefix: string): Promise<StorageOutcome<null>>;
}

const DONE = { tag: "ok", value: null } as const;

/** The key that a prefix names, without the slash at its end, or null if it would leave the root. */
function legalKey(prefix: string): string | null {
  const key = prefix.replace(/\/$/, "");
  return key.split("/").every((part) => part !== "" && part !== "." && part !== "..") ? key : null;
}

function illegal(prefix: string): StorageOutcome<never> {
  return { tag: "unavailable", reason: `'${prefix}' is no key below the root` };
}

const TOO_MANY: StorageOutcome<never> = {
  tag: "unavailable",
  reason: `there are more than ${LIST_PAGES_MAX} pages of keys; ask again to go on`,
};

async function listFolders(
  client: S3Client,
  bucket: string,
  folder: string,
): Promise<StorageOutcome<readonly string[]>> {
  const names: string[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < LIST_PAGES_MAX; pages += 1) {
    const request = { bucket, prefix: folder, keys_max: LIST_KEYS_MAX, shallow: true, after: undefined };
    const page = await listPage(client, { ...request, token });
    if (page.tag === "unavailable") return page;
    names.push(...page.folders.map((each) => each.slice(folder.length, -1)));
    if (page.token === null) return { tag: "ok", value: names.sort(compareBytes) };
    token = page.token;
  }
  return TOO_MANY;
}

/** Removes keys; up to a page of them in one request. */
async function removeKeys(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<StorageOutcome<null>> {
  if (keys.length === 0) return DONE;
  const Delete = { Quiet: true, Objects: keys.map((Key) => ({ Key })) };
  const answer = await attempt(() => client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete })));
  if (answer.tag === "failed") return readFailure(answer.failure);
  const [problem] = answer.value.Errors ?? [];
  if (problem === undefined) return DONE;
  return { tag: "unavailable", reason: `${problem.Key} was not removed: ${problem.Code} ${problem.Message}` };
}

async function removeTree(client: S3Client, bucket: string, key: string): Promise<StorageOutcome<null>> {
  for (let pages = 0; pages < LIST_PAGES_MAX; pages += 1) {
    // Always the first page: what was removed is in no listing any more.
    const request = { bucket, prefix: `${key}/`, keys_max: LIST_KEYS_MAX, shallow: false };
    const page = await listPage(client, { ...request, after: undefined, token: undefined });
    if (page.tag === "unavailable") return page;
    const removed = await removeKeys(client, bucket, page.keys);
    if (removed.tag === "unavailable") return removed;
    if (page.token === null) return removeObject(client, bucket, key);
  }
  return TOO_MANY;
}

/** The object at the prefix itself, if there is one: a removal of nothing would leave a marker in the bucket. */
async function removeObject(client: S3Client, bucket: string, key: string): Promise<StorageOutcome<null>> {
  const request = { bucket, prefix: key, keys_max: 1, shallow: false };
  const page = await listPage(client, { ...request, after: undefined, token: undefined });
  if (page.tag === "unavailable") return page;
  return removeKeys(
    client,
    bucket,
    page.keys.filter((each) => each === key),
  );
}

/** The graph storage below `place`. */
export function createS3GraphStorage(client: S3Client, place: BucketPlace): S3GraphStorage {
  return {
    async listFolders(prefix) {
      const key = legalKey(prefix);
      return key === null ? illegal(prefix) : listFolders(client, place.bucket, `${place.prefix}${key}/`);
    },
    async removeTree(prefix) {
      const key = legalKey(prefix);
      return key === null ? illegal(prefix) : removeTree(client, place.bucket, place.prefix + key);
    },
    async makeDurable(prefix) {
      return legalKey(prefix) === null ? illegal(prefix) : DONE;
    },
  };
}
