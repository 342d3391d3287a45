/** BucketPlace: a storage root in a bucket, and the bucket's keys of what lies below it. */
export interface BucketPlace {
  readonly bucket: string;
  /** Empty, or a folder with `/` at its end. */
  readonly prefix: string;
}

/** The place that `bucket` and a folder name, with or without slashes around it. */
export function bucketPlace(bucket: string, folder: string): BucketPlace {
  const trimmed = folder.replace(/^\/+|\/+$/g, "");
  return { bucket, prefix: trimmed === "" ? "" : `${trimmed}/` };
}

/** The place in an `s3://bucket/prefix` address, or null if it is none. */
export function parseS3Url(url: string): BucketPlace | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(url);
  if (match === null) return null;
  const place = bucketPlace(match[1] ?? "", match[2] ?? "");
  const parts = place.prefix === "" ? [] : place.prefix.slice(0, -1).split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== "..") ? place : null;
}

/** The address of the place, without a slash at its end. */
export function s3Url({ bucket, prefix }: BucketPlace): string {
  return prefix === "" ? `s3://${bucket}` : `s3://${bucket}/${prefix.slice(0, -1)}`;
}
