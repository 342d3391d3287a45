/**
 * Files of exports in a bucket, below `exports/`: longer than memory, so written in parts, one after another.
 *
 * Guarantees: a file is whole or not there, because S3 makes it of its parts in one step; parts of a file that is given
 * up are removed, at the latest by the lifecycle of the bucket. Writing a file twice leaves one of the two. A link reads
 * one key, for minutes.
 */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Clock, formatTimestamp } from "../ports/clock.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { uploadOptions } from "./clients.ts";
import { type Answer, attempt, readFailure } from "./failure.ts";
import { EXPORT_LINK_S, PART_BYTES, PART_RETRY_MS, PART_TRIES_MAX, PARTS_MAX } from "./limits.ts";
import {
  abortUpload,
  beginUpload,
  completeUpload,
  type MultipartUpload,
  type ObjectAddress,
  sendPart,
} from "./multipart-upload.ts";

type ExportWritten =
  | { readonly tag: "written"; readonly bytes: number }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface S3ExportFiles {
  write(key: string, chunks: AsyncIterable<Uint8Array>): Promise<ExportWritten>;
  presign(key: string): Promise<{ readonly url: string; readonly expires_at: string } | null>;
}

const CONTENT_TYPE = "application/x-ndjson";

/** The files below `place`. `partBytes`: smaller for tests. */
export function createS3ExportFiles(
  client: S3Client,
  place: BucketPlace,
  clock: Clock,
  partBytes = PART_BYTES,
): S3ExportFiles {
  const addressOf = (key: string): ObjectAddress => ({ Bucket: place.bucket, Key: place.prefix + key });
  return {
    async write(key, chunks) {
      const parts = inParts(chunks, partBytes);
      const writing = { client, clock, address: addressOf(key), parts };
      const written = await attempt(() => writeFile(writing));
      // Whoever gives the rows learns that no more are wanted.
      await attempt(() => parts.return(undefined));
      return written.tag === "ok" ? written.value : readFailure(written.failure);
    },
    async presign(key) {
      const file = key.split("/").slice(-2).join("-");
      const disposition = `attachment; filename="${file.replaceAll(/[^\w.-]/g, "_")}"`;
      const command = new GetObjectCommand({
        ...addressOf(key),
        ResponseContentDisposition: disposition,
        ResponseCacheControl: "no-store",
      });
      const nowMs = clock.nowMs();
      const options = { expiresIn: EXPORT_LINK_S, signingDate: new Date(nowMs) };
      const link = await attempt(() => getSignedUrl(client, command, options));
      if (link.tag === "failed") return null;
      return { url: link.value, expires_at: formatTimestamp(nowMs + EXPORT_LINK_S * 1000) };
    },
  };
}

interface Writing {
  readonly client: S3Client;
  readonly clock: Clock;
  readonly address: ObjectAddress;
  readonly parts: AsyncGenerator<Uint8Array, undefined>;
}

/** One part is a file of its own; more are made into one. */
async function writeFile(writing: Writing): Promise<ExportWritten> {
  const { client, clock, address, parts } = writing;
  const first = await parts.next();
  const body: Uint8Array = first.done === true ? new Uint8Array() : first.value;
  const second = first.done === true ? first : await parts.next();
  if (second.done !== true) return writeParts(writing, [body, second.value]);
  const put = new PutObjectCommand({ ...address, Body: body, ContentType: CONTENT_TYPE });
  const answer = await repeatedly(clock, () => attempt(() => client.send(put, uploadOptions(body))));
  return answer.tag === "ok" ? { tag: "written", bytes: body.byteLength } : readFailure(answer.failure);
}

async function writeParts(writing: Writing, begun: readonly Uint8Array[]): Promise<ExportWritten> {
  const { client, clock, address, parts } = writing;
  const created = await repeatedly(clock, () => beginUpload(client, address, CONTENT_TYPE));
  if (created.tag === "failed") return readFailure(created.failure);
  const upload = created.value;
  const written = await attempt(async (): Promise<ExportWritten> => {
    const sent = await sendParts(writing, upload, withFirst(begun, parts));
    return sent.tag === "sent" ? complete(writing, upload, sent) : sent;
  });
  if (written.tag === "ok" && written.value.tag === "written") return written.value;
  await abortUpload(client, upload);
  return written.tag === "ok" ? written.value : readFailure(written.failure);
}

async function complete(
  { client, clock }: Writing,
  upload: MultipartUpload,
  { tags, bytes }: Extract<Sent, { tag: "sent" }>,
): Promise<ExportWritten> {
  const completed = await repeatedly(clock, () => completeUpload(client, upload, tags, {}));
  return completed.tag === "ok" ? { tag: "written", bytes } : readFailure(completed.failure);
}

type Sent =
  | { readonly tag: "sent"; readonly tags: readonly string[]; readonly bytes: number }
  | { readonly tag: "unavailable"; readonly reason: string };

async function sendParts(
  { client, clock }: Writing,
  upload: MultipartUpload,
  parts: AsyncIterable<Uint8Array>,
): Promise<Sent> {
  const tags: string[] = [];
  let bytes = 0;
  for await (const Body of parts) {
    if (tags.length === PARTS_MAX)
      return { tag: "unavailable", reason: `it has more than ${PARTS_MAX} parts` };
    const answer = await repeatedly(clock, () => sendPart(client, upload, tags.length + 1, Body));
    if (answer.tag === "failed") return readFailure(answer.failure);
    tags.push(answer.value);
    bytes += Body.byteLength;
  }
  return { tag: "sent", tags, bytes };
}

/** Each of these calls may be repeated: it leaves the same whether it is done once or twice. */
async function repeatedly<Value>(clock: Clock, call: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  for (let tries = 1; ; tries += 1) {
    const answer = await call();
    if (answer.tag === "ok" || tries === PART_TRIES_MAX) return answer;
    await clock.sleep(PART_RETRY_MS * 2 ** (tries - 1));
  }
}

async function* withFirst(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  return undefined;
}

/** The same bytes in parts of at least `partBytes`; the last may be shorter. */
async function* inParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array, undefined> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < partBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(pieces);
  return undefined;
}
