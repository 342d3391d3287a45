/**
 * Inbox in a bucket: what CI and people upload, below `inbox/`.
 *
 * Guarantees: an upload that is longer than allowed is never read, whatever its sender said; the version is the id that a
 * versioned bucket gives each upload, so that equal bytes of two senders are two; elsewhere it is the ETag. When it was
 * uploaded is what the bucket says of exactly the version that was read, in the same answer.
 * A link is good for one key, the given metadata and a limited time. A signed PUT can pin one length but no range: the
 * sender who states how many bytes will come gets a link for exactly those; the limit of every other link is kept by
 * `read`.
 */
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Clock, formatTimestamp } from "../ports/clock.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { attempt, readFailure } from "./failure.ts";
import { UPLOAD_LINK_S } from "./limits.ts";

type Metadata = Readonly<Record<string, string>>;

interface UploadedFile {
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
  readonly version: string;
  readonly uploaded_at: string | null;
}

type UploadRead =
  | { readonly tag: "found"; readonly file: UploadedFile }
  | { readonly tag: "absent" }
  | { readonly tag: "too_large"; readonly bytes: number }
  | { readonly tag: "unavailable"; readonly reason: string };

interface PresignedUpload {
  readonly url: string;
  readonly method: "PUT";
  readonly headers: Metadata;
  readonly expires_at: string;
}

export interface S3Inbox {
  read(key: string, bytesMax: number): Promise<UploadRead>;
  /** `bytes`: the exact length, if the sender has stated it. Null: the link cannot be made. */
  presign(key: string, bytesMax: number, metadata: Metadata, bytes?: number): Promise<PresignedUpload | null>;
}

type Fetched =
  | { readonly tag: "too_large"; readonly bytes: number }
  | { readonly tag: "file"; readonly file: UploadedFile };

async function fetchUpload(
  client: S3Client,
  address: { readonly Bucket: string; readonly Key: string },
  bytesMax: number,
): Promise<Fetched> {
  const hangUp = new AbortController();
  const found = await client.send(new GetObjectCommand(address), { abortSignal: hangUp.signal });
  const length = found.ContentLength ?? Number.POSITIVE_INFINITY;
  if (length > bytesMax) {
    await found.Body?.transformToWebStream().cancel();
    hangUp.abort();
    return { tag: "too_large", bytes: length };
  }
  const bytes = (await found.Body?.transformToByteArray()) ?? new Uint8Array();
  const { Metadata: metadata = {}, LastModified } = found;
  const uploaded_at = LastModified === undefined ? null : formatTimestamp(LastModified.getTime());
  return { tag: "file", file: { bytes, metadata, version: versionOf(found), uploaded_at } };
}

/** What was stored before the bucket kept versions has the version id `null`. */
function versionOf({ VersionId, ETag }: Pick<GetObjectCommandOutput, "VersionId" | "ETag">): string {
  return VersionId === undefined || VersionId === "null" ? (ETag ?? "") : VersionId;
}

/** The inbox below `place`. */
export function createS3Inbox(client: S3Client, place: BucketPlace, clock: Clock): S3Inbox {
  const addressOf = (key: string) => ({ Bucket: place.bucket, Key: place.prefix + key });
  return {
    async read(key, bytesMax) {
      const answer = await attempt(() => fetchUpload(client, addressOf(key), bytesMax));
      if (answer.tag === "failed") {
        return answer.failure.kind === "absent" ? { tag: "absent" } : readFailure(answer.failure);
      }
      return answer.value.tag === "file" ? { tag: "found", file: answer.value.file } : answer.value;
    },
    async presign(key, bytesMax, metadata, bytes) {
      if (bytes !== undefined && bytes > bytesMax) return null;
      const length = bytes === undefined ? {} : { ContentLength: bytes };
      const command = new PutObjectCommand({ ...addressOf(key), Metadata: { ...metadata }, ...length });
      const names = Object.keys(metadata).map((name) => `x-amz-meta-${name}`);
      const signed = bytes === undefined ? names : [...names, "content-length"];
      const nowMs = clock.nowMs();
      const link = await attempt(() =>
        getSignedUrl(client, command, {
          expiresIn: UPLOAD_LINK_S,
          signingDate: new Date(nowMs),
          // As headers that the sender must send, not as parts of the link.
          unhoistableHeaders: new Set(signed),
          signableHeaders: new Set([...signed, "host"]),
        }),
      );
      if (link.tag === "failed") return null;
      const headers = Object.fromEntries([
        ...Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
        ...(bytes === undefined ? [] : [["content-length", String(bytes)]]),
      ]);
      const expiresAt = formatTimestamp(nowMs + UPLOAD_LINK_S * 1000);
      return { url: link.value, method: "PUT", headers, expires_at: expiresAt };
    },
  };
}
