/** What arrives in the inbox of a bucket: through a link or directly, within limits. */
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createS3Client } from "../../lib/aws/clients.ts";
import { createS3Inbox, type S3Inbox } from "../../lib/aws/inbox.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import type { Inbox } from "../../lib/worker/deployment.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

const KEY = "inbox/company/bundle.zip";
const METADATA = { "git-commit": "abc", mode: "plan" };
const LIMIT_BYTES = 1000;

let aws: Aws;
let inbox: S3Inbox;
let prefix: string;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  prefix = aws.name();
  inbox = createS3Inbox(aws.s3, bucketPlace(aws.bucket, prefix), SYSTEM_CLOCK);
});

describe("the inbox of a bucket", () => {
  it("is what a deployment takes as one", () => {
    const asDeployment: Inbox = inbox;
    expect(asDeployment).toBe(inbox);
  });

  it("takes an upload through a link, with the metadata that the link was made for", async () => {
    const link = await inbox.presign(KEY, LIMIT_BYTES, METADATA);
    expect(link?.method).toBe("PUT");
    const put = await fetch(link?.url ?? "", { method: "PUT", headers: { ...link?.headers }, body: "rows" });
    expect(put.status).toBe(200);
    const read = await inbox.read(KEY, LIMIT_BYTES);
    expect(read).toMatchObject({ tag: "found", file: { metadata: METADATA } });
    expect(read.tag === "found" ? Buffer.from(read.file.bytes).toString() : read).toBe("rows");
    expect(read.tag === "found" && read.file.version).toBe(put.headers.get("etag"));
  });

  it("says when the bucket took exactly the version that is read, by the bucket's own clock", async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const put = {
      Bucket: aws.bucket,
      Key: `${prefix}/${KEY}`,
      Metadata: { uploaded_at: "2001-01-01T00:00:00Z" },
    };
    await aws.s3.send(new PutObjectCommand({ ...put, Body: "rows" }));
    const head = await aws.s3.send(new HeadObjectCommand({ Bucket: aws.bucket, Key: put.Key }));
    const read = await inbox.read(KEY, LIMIT_BYTES);

    const uploaded_at = read.tag === "found" ? (read.file.uploaded_at ?? "") : read.tag;
    expect(uploaded_at).toMatch(/^[0-9-]{10}T[0-9:]{8}Z$/);
    expect(Date.parse(uploaded_at)).toBe(head.LastModified?.getTime());
    expect(Date.parse(uploaded_at)).toBeGreaterThanOrEqual(before);
  });

  it("signs key, metadata and, where it is stated, length into the link", async () => {
    const link = await inbox.presign(KEY, LIMIT_BYTES, METADATA, 4);
    const query = new URL(link?.url ?? "").searchParams;
    const signed = query.get("X-Amz-SignedHeaders")?.split(";");
    expect(signed).toEqual(["content-length", "host", "x-amz-meta-git-commit", "x-amz-meta-mode"]);
    expect(link?.headers).toEqual({
      "content-length": "4",
      "x-amz-meta-git-commit": "abc",
      "x-amz-meta-mode": "plan",
    });
    expect([...query.keys()].some((name) => /checksum/i.test(name))).toBe(false);
    expect(query.get("X-Amz-Expires")).toBe("900");
    expect(await inbox.presign(KEY, LIMIT_BYTES, METADATA, LIMIT_BYTES + 1)).toBeNull();
  });

  it("makes links that take no other key, metadata, length or secret, and none after their time", async () => {
    const link = await inbox.presign(KEY, LIMIT_BYTES, METADATA, 4);
    const status = async (url: string, headers: Record<string, string>, body: string): Promise<number> =>
      (await fetch(url, { method: "PUT", headers, body })).status;
    const { url = "", headers = {} } = link ?? {};
    const { "content-length": _, ...metadata } = headers;
    expect(await status(url.replace("bundle.zip", "other.zip"), metadata, "rows")).toBe(403);
    expect(await status(url, { ...metadata, "x-amz-meta-mode": "auto" }, "rows")).toBe(403);
    expect(await status(url, metadata, "more rows")).toBe(403);
    expect(await status(url.replace("Expires=900", "Expires=9000"), metadata, "rows")).toBe(403);
    expect(await inbox.read(KEY, LIMIT_BYTES)).toEqual({ tag: "absent" });
    expect(await status(url, metadata, "rows")).toBe(200);
    const old = createS3Client({
      ...aws.settings,
      credentials: { accessKeyId: "x", secretAccessKey: "other" },
    });
    const forged = await createS3Inbox(old, bucketPlace(aws.bucket, aws.name()), SYSTEM_CLOCK).presign(
      KEY,
      9,
      {},
    );
    expect(await status(forged?.url ?? "", {}, "rows")).toBe(403);
    old.destroy();
    const hourAgo = createManualClock(Date.now() - 60 * 60 * 1000);
    const late = createS3Inbox(aws.s3, bucketPlace(aws.bucket, aws.name()), hourAgo);
    expect(await status((await late.presign(KEY, 9, {}))?.url ?? "", {}, "rows")).toBe(403);
  });

  it("does not read what is longer than allowed, and reads what is exactly as long", async () => {
    const link = await inbox.presign(KEY, LIMIT_BYTES, {});
    await fetch(link?.url ?? "", { method: "PUT", body: "x".repeat(LIMIT_BYTES) });
    expect((await inbox.read(KEY, LIMIT_BYTES)).tag).toBe("found");
    expect(await inbox.read(KEY, LIMIT_BYTES - 1)).toEqual({ tag: "too_large", bytes: LIMIT_BYTES });
  });

  it("tells what is not there from what cannot be read", async () => {
    expect(await inbox.read("inbox/company/none.zip", LIMIT_BYTES)).toEqual({ tag: "absent" });
    aws.proxies.s3.inject({ tag: "reset" }, () => true);
    expect((await inbox.read(KEY, LIMIT_BYTES)).tag).toBe("unavailable");
  });

  it("tells equal bytes of two senders apart where the bucket keeps versions", async () => {
    const versionOf = async (headers: Readonly<Record<string, string>>) => {
      const reply = { status: 200, headers: { etag: '"e"', ...headers }, body: "rows" };
      aws.proxies.s3.inject({ tag: "answer", reply }, ({ method }) => method === "GET");
      const read = await inbox.read(KEY, LIMIT_BYTES);
      return read.tag === "found" ? read.file.version : read.tag;
    };
    expect(await versionOf({ "x-amz-version-id": "v1" })).toBe("v1");
    expect(await versionOf({ "x-amz-version-id": "v2" })).toBe("v2");
    expect(await versionOf({ "x-amz-version-id": "null" })).toBe('"e"');
    expect(await versionOf({})).toBe('"e"');
  });

  it("names another content by another version", async () => {
    const place = bucketPlace(aws.bucket, aws.name());
    const own = createS3Inbox(aws.s3, place, SYSTEM_CLOCK);
    const versions: string[] = [];
    for (const Body of ["one", "two"]) {
      await aws.s3.send(new PutObjectCommand({ Bucket: place.bucket, Key: place.prefix + KEY, Body }));
      const read = await own.read(KEY, LIMIT_BYTES);
      if (read.tag === "found") versions.push(read.file.version);
    }
    expect(new Set(versions).size).toBe(2);
  });
});
