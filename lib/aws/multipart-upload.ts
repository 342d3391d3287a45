/**
 * MultipartUpload: the four requests that make an object of parts. Each is sent once. Of a repeated one the first two and
 * the last leave the same, and a part is replaced by the same part; only its completion may be under a condition.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { contentMd5 } from "../digest/content-md5.ts";
import { uploadOptions } from "./clients.ts";
import { type Answer, attempt } from "./failure.ts";

export interface ObjectAddress {
  readonly Bucket: string;
  readonly Key: string;
}

export interface MultipartUpload extends ObjectAddress {
  readonly UploadId: string | undefined;
}

/** What must hold when the object appears; nothing, if it may replace whatever is there. */
export type UploadCondition =
  | { readonly IfNoneMatch: "*" }
  | { readonly IfMatch: string }
  | Readonly<Record<string, never>>;

export function beginUpload(
  client: S3Client,
  address: ObjectAddress,
  ContentType?: string,
): Promise<Answer<MultipartUpload>> {
  const command = new CreateMultipartUploadCommand({ ...address, ContentType });
  return attempt(async () => ({ ...address, UploadId: (await client.send(command)).UploadId }));
}

/** Answers the tag of the part, which the completion names. */
export function sendPart(
  client: S3Client,
  upload: MultipartUpload,
  PartNumber: number,
  Body: Uint8Array,
): Promise<Answer<string>> {
  const command = new UploadPartCommand({ ...upload, PartNumber, Body, ContentMD5: contentMd5(Body) });
  return attempt(async () => (await client.send(command, uploadOptions(Body))).ETag ?? "");
}

/** Answers the version of the object, if the store tells it. */
export function completeUpload(
  client: S3Client,
  upload: MultipartUpload,
  tags: readonly string[],
  condition: UploadCondition,
): Promise<Answer<string | undefined>> {
  const Parts = tags.map((ETag, at) => ({ ETag, PartNumber: at + 1 }));
  const command = new CompleteMultipartUploadCommand({ ...upload, ...condition, MultipartUpload: { Parts } });
  return attempt(async () => (await client.send(command)).ETag);
}

/** Parts that stay cost a little until the lifecycle of the bucket removes them. */
export async function abortUpload(client: S3Client, upload: MultipartUpload): Promise<void> {
  await attempt(() => client.send(new AbortMultipartUploadCommand(upload)));
}
