/**
 * Object store on S3, by the contract of lib/ports/object-store: the keys below one prefix of one bucket.
 *
 * Guarantees: every write and removal carries its condition (`If-None-Match`, `If-Match`) and is sent once; a version
 * is the object's ETag; a 409 is `conflict`, never "exists"; only a 404 on the key is absence. Needs the permission to
 * list, without which S3 answers 403 for a missing key and absence cannot be proven. A put carries the MD5 of its body,
 * without which S3 takes none where objects are locked by default.
 */
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { contentMd5 } from "../digest/content-md5.ts";
import type {
  ListOptions,
  ListOutcome,
  ObjectStore,
  ReadOutcome,
  StoreKey,
  Version,
  WriteOutcome,
} from "../ports/object-store.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { uploadOptions } from "./clients.ts";
import { attempt, readFailure, withoutCondition } from "./failure.ts";
import { LIST_KEYS_MAX, LIST_PAGES_MAX } from "./limits.ts";
import { listPage } from "./list-page.ts";
import type { ObjectAddress } from "./multipart-upload.ts";
import { currentVersion, writeOutcome } from "./write-outcome.ts";

type Condition = { readonly IfNoneMatch: "*" } | { readonly IfMatch: string };

class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #place: BucketPlace;

  constructor(client: S3Client, place: BucketPlace) {
    this.#client = client;
    this.#place = place;
  }

  async get(key: StoreKey): Promise<ReadOutcome> {
    const answer = await attempt(async () => {
      const found = await this.#client.send(new GetObjectCommand(this.#address(key)));
      return { bytes: await found.Body?.transformToByteArray(), version: found.ETag };
    });
    if (answer.tag === "failed") {
      return answer.failure.kind === "absent" ? { tag: "absent" } : readFailure(answer.failure);
    }
    const { bytes, version } = answer.value;
    if (version === undefined) return { tag: "unavailable", reason: "the store gave no ETag" };
    return { tag: "found", bytes: bytes ?? new Uint8Array(), version: version as Version };
  }

  putIfAbsent(key: StoreKey, bytes: Uint8Array): Promise<WriteOutcome> {
    return this.#put(key, Uint8Array.from(bytes), { IfNoneMatch: "*" });
  }

  replace(key: StoreKey, bytes: Uint8Array, version: Version): Promise<WriteOutcome> {
    return this.#put(key, Uint8Array.from(bytes), { IfMatch: version });
  }

  async remove(key: StoreKey, version: Version) {
    const command = new DeleteObjectCommand({ ...this.#address(key), IfMatch: version });
    const answer = await attempt(() => this.#client.send(command));
    if (answer.tag === "ok") return { tag: "done", value: null } as const;
    const { failure } = answer;
    if (failure.kind === "absent") return { tag: "refused", current: { tag: "absent" } } as const;
    if (failure.kind === "condition") {
      return { tag: "refused", current: await currentVersion(this.#client, this.#address(key)) } as const;
    }
    return withoutCondition(failure);
  }

  async list(options: ListOptions): Promise<ListOutcome> {
    const { bucket, prefix: root } = this.#place;
    const limit = Math.min(options.limit, LIST_KEYS_MAX);
    const folders = options.folders === true;
    const shallow = options.shallow === true || folders;
    const keys: string[] = [];
    const sizes: number[] = [];
    let token: string | undefined;
    for (let pages = 0; pages < LIST_PAGES_MAX; pages += 1) {
      const page = await listPage(this.#client, {
        bucket,
        prefix: root + options.prefix,
        keys_max: shallow ? LIST_KEYS_MAX : limit - keys.length,
        shallow,
        after: options.after === undefined ? undefined : root + pastFolder(options.after),
        token,
      });
      if (page.tag === "unavailable") return page;
      keys.push(...(folders ? page.folders : page.keys).map((key) => key.slice(root.length)));
      sizes.push(...page.sizes);
      if (page.token === null || keys.length >= limit) {
        const listed = cutListing(keys, limit, page.token !== null);
        return options.sizes === true && !folders ? { ...listed, sizes: sizes.slice(0, limit) } : listed;
      }
      token = page.token;
    }
    return { tag: "unavailable", reason: `the listing has more than ${LIST_PAGES_MAX} pages` };
  }

  async #put(key: StoreKey, body: Uint8Array, condition: Condition): Promise<WriteOutcome> {
    const address = this.#address(key);
    const ContentMD5 = contentMd5(body);
    const command = new PutObjectCommand({ ...address, ...condition, Body: body, ContentMD5 });
    const written = await attempt(async () => (await this.#client.send(command, uploadOptions(body))).ETag);
    return writeOutcome(this.#client, address, "IfNoneMatch" in condition, written);
  }

  #address(key: StoreKey): ObjectAddress {
    return { Bucket: this.#place.bucket, Key: this.#place.prefix + key };
  }
}

/** A text that sorts after all keys of a folder and before those of every other one: `0` follows `/`. */
function pastFolder(after: string): string {
  return after.endsWith("/") ? `${after.slice(0, -1)}0` : after;
}

function cutListing(keys: readonly string[], limit: number, more: boolean) {
  const page = keys.slice(0, limit);
  const next = more || page.length < keys.length ? (page.at(-1) ?? null) : null;
  return { tag: "listed", keys: page as StoreKey[], next } as const;
}

/** A client of the objects below `place`. */
export function createS3ObjectStore(client: S3Client, place: BucketPlace): ObjectStore {
  return new S3ObjectStore(client, place);
}
