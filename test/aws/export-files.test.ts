/** Files of exports in a bucket: written in parts, whole or not at all, and read by a link for one of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createS3ExportFiles, type S3ExportFiles } from "../../lib/aws/export-files.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import type { ExportFiles } from "../../lib/worker/deployment.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

const KEY = "exports/demo/01ARZ3NDEKTSV4RRFFQ69G5FAV/2.jsonl";
const PART_BYTES = 1000;

let aws: Aws;
let files: S3ExportFiles;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  aws.proxies.s3.clear();
  files = createS3ExportFiles(aws.s3, bucketPlace(aws.bucket, aws.name()), SYSTEM_CLOCK, PART_BYTES);
});

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function read(of: S3ExportFiles = files): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch((await of.presign(KEY))?.url ?? "");
  return { status: answer.status, text: await answer.text() };
}

const seen = () => aws.proxies.s3.seen.map((each) => JSON.stringify(each));

describe("the files of exports in a bucket", () => {
  it("are what a deployment takes as them", () => {
    const asDeployment: ExportFiles = files;
    expect(asDeployment).toBe(files);
  });

  it.each([
    ["nothing", []],
    ["less than a part", ["one\n", "two\n"]],
    ["exactly a part", ["x".repeat(PART_BYTES)]],
    ["many parts", Array.from({ length: 25 }, (_, at) => `${at}`.padEnd(399, "y").concat("\n"))],
    ["one chunk of many parts, and a little", ["z".repeat(3 * PART_BYTES), "\n"]],
  ])("hold %s as it was given", async (_, texts) => {
    const whole = texts.join("");
    expect(await files.write(KEY, chunks(...texts))).toEqual({ tag: "written", bytes: whole.length });
    expect(await read()).toEqual({ status: 200, text: whole });
  });

  it("are replaced whole by a second attempt", async () => {
    await files.write(KEY, chunks("first".repeat(500)));
    await files.write(KEY, chunks("second"));
    expect(await read()).toEqual({ status: 200, text: "second" });
  });

  it("are not there if the rows end early, and leave no parts behind", async () => {
    let closed = false;
    const broken = async function* () {
      try {
        yield* chunks("x".repeat(PART_BYTES), "y".repeat(PART_BYTES));
        await Promise.reject(new Error("the export broke off"));
      } finally {
        closed = true;
      }
    };
    expect(await files.write(KEY, broken())).toEqual({
      tag: "unavailable",
      reason: expect.stringContaining("the export broke off"),
    });
    expect(closed).toBe(true);
    expect((await read()).status).toBe(404);
    expect(seen().some((each) => each.includes("DELETE") && each.includes("uploadId"))).toBe(true);
  });

  it("are sent again part by part when the store fails, and not for ever", async () => {
    aws.proxies.s3.inject({ tag: "reset" }, ({ path }) => path.includes("partNumber=2"));
    expect(await files.write(KEY, chunks("x".repeat(PART_BYTES), "y".repeat(PART_BYTES)))).toMatchObject({
      tag: "written",
    });
    for (let times = 0; times < 3; times += 1) {
      aws.proxies.s3.inject({ tag: "reset" }, ({ path }) => path.includes("partNumber=2"));
    }
    let closed = false;
    const rows = async function* () {
      try {
        for (;;) yield* chunks("x".repeat(PART_BYTES));
      } finally {
        closed = true;
      }
    };
    expect((await files.write(KEY, rows())).tag).toBe("unavailable");
    expect(closed).toBe(true);
  }, 30_000);

  it("are read by a link for minutes, for no other key, and never written by one", async () => {
    await files.write(KEY, chunks("rows"));
    const link = (await files.presign(KEY))?.url ?? "";
    const query = new URL(link).searchParams;
    expect(query.get("X-Amz-Expires")).toBe("300");
    expect(query.get("response-content-disposition")).toBe(
      'attachment; filename="01ARZ3NDEKTSV4RRFFQ69G5FAV-2.jsonl"',
    );
    expect(query.get("response-cache-control")).toBe("no-store");
    expect((await fetch(link.replace("2.jsonl?", "3.jsonl?"))).status).toBe(403);
    expect((await fetch(link.replace("Expires=300", "Expires=3000"))).status).toBe(403);
    expect((await fetch(link, { method: "PUT", body: "others" })).status).toBe(403);
    const hourAgo = createManualClock(Date.now() - 60 * 60 * 1000);
    const late = createS3ExportFiles(aws.s3, bucketPlace(aws.bucket, "late"), hourAgo);
    expect((await read(late)).status).toBe(403);
    expect((await read()).text).toBe("rows");
  });
});
