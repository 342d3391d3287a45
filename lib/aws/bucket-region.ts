/**
 * BucketRegion: the region that a bucket lies in. A command may be about two buckets of two regions, and S3 answers
 * whoever asks in a wrong one with the name of the right one.
 *
 * It is asked for once and a client made for it. The SDK's own way (`followRegionRedirects`) sends each request twice,
 * bodies too, and turns the region of the whole client meanwhile, which requests side by side do not survive.
 */
import { HeadBucketCommand } from "@aws-sdk/client-s3";
import { type AwsSettings, createS3Client } from "./clients.ts";
import { answerHeader, attempt } from "./failure.ts";

/** What S3 itself names; anything else would be part of the name of the host that is asked. */
const REGION = /^[a-z0-9-]{1,32}$/;

/** The settings for this bucket. Where nobody says its region they stay, and the first request says what is wrong. */
export async function settingsOfBucket(settings: AwsSettings, bucket: string): Promise<AwsSettings> {
  const client = createS3Client(settings);
  const asked = await attempt(() => client.send(new HeadBucketCommand({ Bucket: bucket })));
  client.destroy();
  const region =
    asked.tag === "ok" ? asked.value.BucketRegion : answerHeader(asked.error, "x-amz-bucket-region");
  return region !== undefined && REGION.test(region) ? { ...settings, region } : settings;
}
