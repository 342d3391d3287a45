/** ListPage: one page of ListObjectsV2, decoded, and never mistaken for an empty one when it failed. */
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { attempt, readFailure } from "./failure.ts";

export interface PageRequest {
  readonly bucket: string;
  readonly prefix: string;
  readonly keys_max: number;
  readonly shallow: boolean;
  /** Only keys after this one. */
  readonly after: string | undefined;
  /** Where the page before ended. */
  readonly token: string | undefined;
}

export type ListPage =
  | {
      readonly tag: "page";
      readonly keys: readonly string[];
      /** Bytes of each key. */
      readonly sizes: readonly number[];
      /** With `/` at their ends; only if the listing is shallow. */
      readonly folders: readonly string[];
      readonly token: string | null;
    }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Reads one page. */
export async function listPage(client: S3Client, request: PageRequest): Promise<ListPage> {
  const command = new ListObjectsV2Command({
    Bucket: request.bucket,
    Prefix: request.prefix,
    MaxKeys: request.keys_max,
    EncodingType: "url",
    ...(request.shallow ? { Delimiter: "/" } : {}),
    ...(request.after === undefined ? {} : { StartAfter: request.after }),
    ...(request.token === undefined ? {} : { ContinuationToken: request.token }),
  });
  const answer = await attempt(() => client.send(command));
  if (answer.tag === "failed") return readFailure(answer.failure);
  const { Contents, CommonPrefixes, IsTruncated, NextContinuationToken, EncodingType } = answer.value;
  const decode = EncodingType === "url" ? decodeKey : (key: string): string => key;
  const token = IsTruncated === true ? NextContinuationToken : null;
  if (token === undefined) {
    return { tag: "unavailable", reason: "the store cut a listing and did not say how it goes on" };
  }
  const objects = (Contents ?? []).filter(({ Key }) => Key !== undefined);
  return {
    tag: "page",
    keys: objects.map(({ Key }) => decode(Key ?? "")),
    sizes: objects.map(({ Size }) => Size ?? 0),
    folders: (CommonPrefixes ?? []).flatMap(({ Prefix }) => (Prefix === undefined ? [] : [decode(Prefix)])),
    token,
  };
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replace(/\+/g, " "));
  } catch {
    // A server that says that it encodes and does not.
    return key;
  }
}
