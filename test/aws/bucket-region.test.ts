/** The region of a bucket is asked for, so that one command works on buckets of two regions. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { settingsOfBucket } from "../../lib/aws/bucket-region.ts";
import { createS3Client } from "../../lib/aws/clients.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import { placeBuckets } from "../wire/emulators/bucket-regions.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

const [HERE, THERE] = ["us-east-1", "eu-west-1"] as const;

let aws: Aws;
beforeAll(async () => {
  aws = await startAws("emulators");
});
afterAll(() => aws.stop());
beforeEach(() => aws.proxies.s3.clear());

describe("the settings of a bucket", () => {
  it("say the region that it lies in, and its objects are read and written there with one question astray", async () => {
    placeBuckets(aws.proxies.s3, { [aws.bucket]: THERE, another: HERE });
    expect((await settingsOfBucket(aws.settings, "another")).region).toBe(HERE);
    const settings = await settingsOfBucket(aws.settings, aws.bucket);
    expect(settings).toEqual({ ...aws.settings, region: THERE });

    const place = { bucket: aws.bucket, prefix: "" };
    const [there, astray] = [createS3Client(settings), createS3Client(aws.settings)];
    const key = storeKey("one");
    expect((await createS3ObjectStore(there, place).putIfAbsent(key, Buffer.from("1"))).tag).toBe("done");
    expect((await createS3ObjectStore(there, place).get(key)).tag).toBe("found");
    expect(await createS3ObjectStore(astray, place).get(key)).toEqual({
      tag: "unavailable",
      reason: "PermanentRedirect: Ask the bucket's endpoint. (HTTP 301)",
    });
    there.destroy();
    astray.destroy();
  });

  it("say it also where the caller may not look at the bucket, and stay where nobody says it", async () => {
    const refuse = (headers: Readonly<Record<string, string>>) =>
      aws.proxies.s3.inject({ tag: "answer", reply: { status: 403, headers, body: "" } }, () => true);
    refuse({ "x-amz-bucket-region": THERE });
    expect((await settingsOfBucket(aws.settings, aws.bucket)).region).toBe(THERE);
    refuse({});
    expect(await settingsOfBucket(aws.settings, aws.bucket)).toEqual(aws.settings);
    refuse({ "x-amz-bucket-region": "evil.example.com/" });
    expect(await settingsOfBucket(aws.settings, aws.bucket)).toEqual(aws.settings);
  });
});
