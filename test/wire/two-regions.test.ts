/**
 * A backup in another region: S3 answers whoever asks in a region that is not the bucket's with the name of the right one,
 * and whoever follows it is served there. The commands have one region from their environment and two buckets.
 */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { settingsOfBucket } from "../../lib/aws/bucket-region.ts";
import { apply, codesOf, importCluster, loadPeople, refresh } from "../apply/cluster.ts";
import { type ClusterFiles, PERSON } from "../apply/cluster-files.ts";
import { forgetFolders, newFolder, start } from "../cli/command.ts";
import { openOnAws } from "./cluster-on-aws.ts";
import type { SeenRequest } from "./emulators/fault-proxy.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

const CONFIG: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const [HERE, THERE] = ["us-east-1", "eu-west-1"];

let aws: Aws;
let far: string;
beforeAll(async () => {
  aws = await startAws("emulators");
  far = `far-${aws.bucket}`.slice(0, 60).replace(/[^a-z0-9]$/, "0");
  await aws.s3.send(new CreateBucketCommand({ Bucket: far }));
}, 60_000);
afterAll(() => aws.stop());
afterEach(forgetFolders);

function regionOf(bucket: string): string | undefined {
  return bucket === far ? THERE : HERE;
}

function bucketIn({ path }: SeenRequest): string {
  return new URL(path, "http://s3").pathname.split("/")[1] ?? "";
}

/** The region that a request is signed for. */
function signedRegion({ headers }: SeenRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? "")?.[1];
}

const isAstray = (request: SeenRequest): boolean => signedRegion(request) !== regionOf(bucketIn(request));

beforeEach(() => {
  aws.proxies.s3.clear();
  for (const region of [HERE, THERE]) {
    const headers = { "content-type": "application/xml", "x-amz-bucket-region": region };
    const body = "<Error><Code>PermanentRedirect</Code><Message>Ask the bucket's endpoint.</Message></Error>";
    const isOfRegion = (request: SeenRequest) => regionOf(bucketIn(request)) === region;
    const matches = (request: SeenRequest) => isAstray(request) && isOfRegion(request);
    for (const [method, text] of [["HEAD", ""], [null, body]] as const) {
      aws.proxies.s3.inject(
        { tag: "answer", reply: { status: 301, headers, body: text } },
        (request) => matches(request) && (method === null || request.method === method),
        Number.POSITIVE_INFINITY,
      );
    }
  }
});

function graphform(...args: readonly string[]) {
  const { accessKeyId, secretAccessKey } = aws.settings.credentials ?? {};
  const env = {
    AWS_ENDPOINT_URL_S3: aws.settings.endpoints.s3 ?? "",
    AWS_ENDPOINT_URL_DYNAMODB: aws.settings.endpoints.dynamodb ?? "",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: HERE,
    RUST_LOG: "off",
  };
  return start(newFolder(), [...args, "--json"], env).ended;
}

describe("two buckets of two regions", () => {
  it("are the root of a cluster and the place of its backups, and the cluster comes back in either", async () => {
    const name = aws.name();
    const client = openOnAws(aws, "in Lance", name);
    expect(codesOf(await importCluster(client, CONFIG), "error")).toEqual([]);
    expect((await apply(client, CONFIG)).converged).toBe(true);
    await loadPeople(client, "people", "Ada");
    await refresh(client, CONFIG);
    const place = `s3://${far}/backups`;

    const taken = await graphform("backup", "--root", `s3://${aws.bucket}/clusters/${name}`, "--to", place);
    expect(JSON.parse(taken.out)).toMatchObject({ ok: true, written: true, diagnostics: [] });
    const table = ["--lease-table", `${HERE}/${aws.table}`, "--owner", "prod"];
    const root = `s3://${far}/clusters/again`;
    const restored = await graphform("restore-cluster", "--from", place, "--root", root, ...table);
    expect(JSON.parse(restored.out)).toMatchObject({ ok: true, diagnostics: [] });

    // One question a bucket and command went astray, and Lance, which reads the restored rows, none.
    const astray = aws.proxies.s3.seen.filter(isAstray);
    expect(astray.map(({ method, path }) => [method, path.split("?")[0]])).toEqual([
      ["HEAD", `/${far}/`],
      ["HEAD", `/${far}/`],
      ["HEAD", `/${far}/`],
    ]);
  }, 120_000);
});

describe("the settings of a bucket", () => {
  it("say the region that the bucket lies in", async () => {
    expect((await settingsOfBucket(aws.settings, far)).region).toBe(THERE);
    expect((await settingsOfBucket(aws.settings, aws.bucket)).region).toBe(HERE);
  });

  it("say it also where the caller may not look at the bucket, and stay where nobody says it", async () => {
    const refuse = (headers: Readonly<Record<string, string>>) => {
      aws.proxies.s3.clear();
      aws.proxies.s3.inject({ tag: "answer", reply: { status: 403, headers, body: "" } }, () => true);
    };
    refuse({ "x-amz-bucket-region": THERE });
    expect((await settingsOfBucket(aws.settings, far)).region).toBe(THERE);
    refuse({});
    expect(await settingsOfBucket(aws.settings, far)).toEqual(aws.settings);
    refuse({ "x-amz-bucket-region": "evil.example.com/" });
    expect(await settingsOfBucket(aws.settings, far)).toEqual(aws.settings);
  });
});
