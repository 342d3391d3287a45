/**
 * Objects in parts on S3, by the contract of lib/ports/object-parts: ranges that name the version they are of, and
 * uploads in parts whose completion carries the condition.
 *
 * Guarantees: as of object-store.ts. Parts send no condition, so a bucket whose policy requires one of every put must
 * let them pass (`s3:ObjectCreationOperation`).
 */
import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type {
  ObjectParts,
  PartAddOutcome,
  PartRange,
  PartReadOutcome,
  PartsWriting,
} from "../ports/object-parts.ts";
import type { Version, WriteOutcome } from "../ports/object-store.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { attempt, errorName, readFailure } from "./failure.ts";
import { PARTS_MAX } from "./limits.ts";
import {
  abortUpload,
  beginUpload,
  completeUpload,
  type MultipartUpload,
  type ObjectAddress,
  sendPart,
} from "./multipart-upload.ts";
import { writeOutcome } from "./write-outcome.ts";

const BEYOND_THE_END = "InvalidRange";

async function readRange(
  client: S3Client,
  address: ObjectAddress,
  { from, bytes }: PartRange,
  version: Version | null,
): Promise<PartReadOutcome> {
  const condition = version === null ? {} : { IfMatch: version };
  const Range = `bytes=${from}-${from + bytes - 1}`;
  const command = new GetObjectCommand({ ...address, ...condition, Range });
  const answer = await attempt(async () => {
    const found = await client.send(command);
    return { part: await found.Body?.transformToByteArray(), tag: found.ETag, range: found.ContentRange };
  });
  if (answer.tag === "failed") {
    const { kind } = answer.failure;
    if (kind === "absent") return { tag: "absent" };
    const isBeyond = errorName(answer.error) === BEYOND_THE_END;
    if (isBeyond && from === 0) return readEmpty(client, address, version);
    return kind === "condition" || isBeyond ? { tag: "changed" } : readFailure(answer.failure);
  }
  const { part, tag, range } = answer.value;
  const size = Number(/\/(\d+)$/.exec(range ?? "")?.[1] ?? Number.NaN);
  if (part === undefined || tag === undefined || Number.isNaN(size)) {
    return { tag: "unavailable", reason: "the store gave no range, or no ETag" };
  }
  if (version !== null && tag !== version) return { tag: "changed" };
  return { tag: "found", bytes: part, version: tag as Version, size };
}

/** An object without a byte has no range, so S3 tells its version only where none is asked for. */
async function readEmpty(
  client: S3Client,
  address: ObjectAddress,
  version: Version | null,
): Promise<PartReadOutcome> {
  const answer = await attempt(() => client.send(new HeadObjectCommand(address)));
  if (answer.tag === "failed") {
    return answer.failure.kind === "absent" ? { tag: "absent" } : readFailure(answer.failure);
  }
  const { ETag, ContentLength: size } = answer.value;
  if (ETag === undefined || size !== 0 || (version !== null && ETag !== version)) return { tag: "changed" };
  return { tag: "found", bytes: new Uint8Array(), version: ETag as Version, size };
}

class S3Writing implements PartsWriting {
  readonly #client: S3Client;
  readonly #upload: MultipartUpload;
  readonly #tags: string[] = [];

  constructor(client: S3Client, upload: MultipartUpload) {
    this.#client = client;
    this.#upload = upload;
  }

  async add(bytes: Uint8Array): Promise<PartAddOutcome> {
    const number = this.#tags.length + 1;
    if (number > PARTS_MAX) return { tag: "unavailable", reason: `it has more than ${PARTS_MAX} parts` };
    const sent = await sendPart(this.#client, this.#upload, number, bytes);
    if (sent.tag === "failed") return readFailure(sent.failure);
    this.#tags.push(sent.value);
    return { tag: "added" };
  }

  async finish(over: Version | null): Promise<WriteOutcome> {
    const condition = over === null ? ({ IfNoneMatch: "*" } as const) : { IfMatch: over };
    const completed = await completeUpload(this.#client, this.#upload, this.#tags, condition);
    const { Bucket, Key } = this.#upload;
    return writeOutcome(this.#client, { Bucket, Key }, over === null, completed);
  }

  abandon(): Promise<void> {
    return abortUpload(this.#client, this.#upload);
  }
}

/** A client of the objects below `place`. */
export function createS3ObjectParts(client: S3Client, place: BucketPlace): ObjectParts {
  const addressOf = (key: string): ObjectAddress => ({ Bucket: place.bucket, Key: place.prefix + key });
  return {
    read: (key, range, version) => readRange(client, addressOf(key), range, version),
    async begin(key) {
      const begun = await beginUpload(client, addressOf(key));
      if (begun.tag === "failed") return readFailure(begun.failure);
      return { tag: "begun", writing: new S3Writing(client, begun.value) };
    },
  };
}
