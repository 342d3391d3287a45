/** Folders and trees of a bucket, as the engine's tables need them beside Lance. */
import { ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BucketPlace, bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createS3GraphStorage } from "../../lib/aws/graph-storage.ts";
import type { GraphStorage } from "../../lib/engine/lance/graph-storage.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

let aws: Aws;
let place: BucketPlace;
let storage: GraphStorage;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  place = bucketPlace(aws.bucket, aws.name());
  storage = createS3GraphStorage(aws.s3, place);
});

async function put(...keys: readonly string[]): Promise<void> {
  const { bucket, prefix } = place;
  const puts = keys.map((key) => new PutObjectCommand({ Bucket: bucket, Key: prefix + key, Body: "x" }));
  await Promise.all(puts.map((command) => aws.s3.send(command)));
}

async function keys(): Promise<readonly string[]> {
  const { bucket, prefix } = place;
  const listed = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return (listed.Contents ?? []).map(({ Key }) => (Key ?? "").slice(prefix.length));
}

describe("graph storage in a bucket", () => {
  it("lists the folders directly below a prefix in byte order, and none where nothing is", async () => {
    await put("g/b/1", "g/b/2", "g/a/x/y", "g/file", "g/ä ö/1", "gg/c/1");
    for (const prefix of ["g", "g/"]) {
      expect(await storage.listFolders(prefix)).toEqual({ tag: "ok", value: ["a", "b", "ä ö"] });
    }
    expect(await storage.listFolders("none")).toEqual({ tag: "ok", value: [] });
  });

  it("removes everything at and below a prefix and nothing beside it, and again without harm", async () => {
    await put("g/a/1", "g/a/2/3", "g/ab/1", "g/a.txt", "g/b");
    for (let times = 0; times < 2; times += 1) {
      expect(await storage.removeTree("g/a/")).toEqual({ tag: "ok", value: null });
      expect(await keys()).toEqual(["g/a.txt", "g/ab/1", "g/b"]);
    }
    expect((await storage.removeTree("g/b")).tag).toBe("ok");
    expect(await keys()).toEqual(["g/a.txt", "g/ab/1"]);
  });

  it("removes more than one page of keys", async () => {
    const many = Array.from({ length: 1001 }, (_, n) => `g/${n}`);
    for (let at = 0; at < many.length; at += 50) await put(...many.slice(at, at + 50));
    await put("h");
    expect((await storage.removeTree("g")).tag).toBe("ok");
    expect(await keys()).toEqual(["h"]);
  });

  it("reports what could not be removed, and what could not be listed", async () => {
    await put("g/1");
    const denied =
      "<DeleteResult><Error><Key>g/1</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
    const reply = { status: 200, headers: { "content-type": "application/xml" }, body: denied };
    aws.proxies.s3.inject({ tag: "answer", reply }, ({ method }) => method === "POST");
    expect(await storage.removeTree("g")).toMatchObject({
      tag: "unavailable",
      reason: expect.stringContaining("AccessDenied"),
    });
    aws.proxies.s3.inject({ tag: "reset" }, () => true);
    expect((await storage.listFolders("g")).tag).toBe("unavailable");
  });

  it("touches nothing for a prefix that would leave the root (W35)", async () => {
    await put("g/1");
    for (const prefix of ["", "/", "..", "g/../..", "g//1", "./g"]) {
      expect((await storage.removeTree(prefix)).tag).toBe("unavailable");
      expect((await storage.listFolders(prefix)).tag).toBe("unavailable");
      expect((await storage.makeDurable(prefix)).tag).toBe("unavailable");
    }
    expect(await keys()).toEqual(["g/1"]);
    expect(await storage.makeDurable("g")).toEqual({ tag: "ok", value: null });
  });
});
