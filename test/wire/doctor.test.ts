/** `graphform doctor` as a process: on a folder, on a bucket, and on an S3 that ignores conditions. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { forgetFolders, newFolder, run, start } from "../cli/command.ts";
import { s3Error } from "./emulators/s3-server.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
afterEach(forgetFolders);

function environment(): NodeJS.ProcessEnv {
  const { accessKeyId, secretAccessKey } = aws.settings.credentials ?? {};
  return {
    AWS_ENDPOINT_URL_S3: aws.settings.endpoints.s3 ?? "",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

describe("graphform doctor", () => {
  it("finds a folder healthy and leaves no object there", async () => {
    const folder = newFolder();
    const { code, out } = await run(folder, "doctor", "--root", join(folder, "root"));
    expect(out).toContain("keeps what every write relies on");
    expect(code).toBe(0);
    const doctorFolder = join(folder, "root", "__graphform", "doctor");
    const names = existsSync(doctorFolder)
      ? readdirSync(doctorFolder, { recursive: true, withFileTypes: true })
      : [];
    expect(names.filter((each) => each.isFile())).toEqual([]);
  });

  it("finds a bucket healthy, as JSON, and leaves no object there", async (context) => {
    if (aws.lacks.size > 0) context.skip(`this server does not keep ${[...aws.lacks].join(", ")}`);
    const prefix = aws.name();
    const root = `s3://${aws.bucket}/${prefix}/`;
    const { code, out } = await start(newFolder(), ["doctor", "--root", root, "--json"], environment()).ended;
    expect(JSON.parse(out)).toMatchObject({ ok: true, operation: "doctor", root: root.slice(0, -1) });
    expect(code).toBe(0);
    const listed = await aws.s3.send(new ListObjectsV2Command({ Bucket: aws.bucket, Prefix: prefix }));
    expect(listed.Contents ?? []).toEqual([]);
  });

  it("says what is wrong with an S3 that does not know conditional deletes, and exits with 1", async () => {
    const unknown = { tag: "answer", reply: s3Error(501, "NotImplemented") } as const;
    aws.proxies.s3.inject(unknown, ({ method }) => method === "DELETE", 100);
    const root = `s3://${aws.bucket}/${aws.name()}`;
    const { code, out } = await start(newFolder(), ["doctor", "--root", root], environment()).ended;
    aws.proxies.s3.clear();
    expect(code).toBe(1);
    expect(out).toMatch(/remove_on_version +unknown: .*NotImplemented/);
    expect(out).toContain("ERROR store_promise_unknown");
    expect(out).toContain("WARN  store_probe_left");
  });

  it("refuses what is no root", async () => {
    const { code, out } = await run(newFolder(), "doctor", "--root", "gs://bucket/prefix");
    expect(code).toBe(1);
    expect(out).toContain("ERROR invalid_root_argument --root");
  });
});
