/**
 * A cluster on S3 and DynamoDB with rows in Lance, backed up and restored by the command line. Every request of a restore
 * is put to the policy of the bucket, as an administrator would send it.
 */
import { join } from "node:path";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { readMarker } from "../../lib/ledger/marker.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import {
  apply,
  type Client,
  changesOf,
  codesOf,
  importCluster,
  loadPeople,
  planned,
  refresh,
} from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { forgetFolders, newFolder, type Ran, start } from "../cli/command.ts";
import { type Permissions, permissionsOf } from "../infra/permissions.ts";
import type { PolicyRequest } from "../infra/policy-evaluator.ts";
import { testStack } from "../infra/stack.ts";
import { openOnAws } from "./cluster-on-aws.ts";
import { placeBuckets } from "./emulators/bucket-regions.ts";
import type { SeenRequest } from "./emulators/fault-proxy.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

const CONFIG: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
};
const CHANGED: ClusterFiles = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } } },
};

let aws: Aws;
let permissions: Permissions;
beforeAll(async () => {
  aws = await startAws();
  permissions = permissionsOf(testStack().template);
}, 60_000);
afterAll(() => aws.stop());
afterEach(forgetFolders);

function graphform(...args: readonly string[]): Promise<Ran> {
  const { accessKeyId, secretAccessKey } = aws.settings.credentials ?? {};
  const env = {
    AWS_ENDPOINT_URL_S3: aws.settings.endpoints.s3 ?? "",
    AWS_ENDPOINT_URL_DYNAMODB: aws.settings.endpoints.dynamodb ?? "",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    // Of the machine; the bucket lies elsewhere.
    AWS_REGION: "ap-south-1",
    RUST_LOG: "off",
  };
  return start(newFolder(), [...args, "--json"], env).ended;
}

const rootOf = (name: string): string => `s3://${aws.bucket}/clusters/${name}`;

/** What a request asks of S3, as an administrator sends it. */
function asked({ method, path, headers }: SeenRequest): PolicyRequest {
  const url = new URL(path, "http://s3");
  const [, ...rest] = decodeURIComponent(url.pathname)
    .split("/")
    .filter((part) => part !== "");
  const key = rest.join("/");
  const keys: Record<string, string> = {};
  for (const name of ["if-match", "if-none-match"]) {
    const value = headers[name];
    if (typeof value === "string") keys[`s3:${name}`] = value;
  }
  const on = (action: string) => ({ action, resource: `${permissions.bucketArn}/${key}`, keys });
  const begins = url.searchParams.has("uploads") || url.searchParams.has("uploadId");
  if (method === "PUT" || (method === "POST" && begins)) return on("s3:PutObject");
  if (method === "DELETE" || url.searchParams.has("delete")) return on("s3:DeleteObject");
  if (key === "") return { action: "s3:ListBucket", resource: permissions.bucketArn, keys };
  return on("s3:GetObject");
}

function refusals(): readonly string[] {
  return aws.proxies.s3.seen.map(asked).flatMap((request) => {
    const verdict = permissions.asAdministrator(request);
    return verdict === "allowed" ? [] : [`${request.action} ${request.resource}: ${verdict}`];
  });
}

/** Where objects are locked by default, S3 takes no body without its MD5. */
function isUnproven({ method, headers }: SeenRequest): boolean {
  return method === "PUT" && headers["content-md5"] === undefined;
}

function sent(method: string): readonly string[] {
  return aws.proxies.s3.seen.filter((each) => each.method === method).map(({ path }) => path);
}

/** What no policy would let anybody do: the bucket is lost. */
async function destroy(name: string): Promise<void> {
  const { s3, bucket: Bucket } = aws;
  for (;;) {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `clusters/${name}/` }));
    if ((page.Contents ?? []).length === 0) return;
    for (const { Key } of page.Contents ?? []) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  }
}

/** A file with rows that is copied in parts: longer than a part, and no two parts of it the same. */
const LONG = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => `${at},`).join(""));
const longKey = (name: string): string =>
  `clusters/${name}/graphs/people.omni/01ARZ3NDEKTSV4RRFFQ69G5FAV/1-1.lance/data/long.lance`;

async function hasLong(name: string): Promise<boolean> {
  const found = await aws.s3.send(new GetObjectCommand({ Bucket: aws.bucket, Key: longKey(name) }));
  return Buffer.compare((await found.Body?.transformToByteArray()) ?? Buffer.alloc(0), LONG) === 0;
}

async function deployed(name: string): Promise<Client> {
  const client = openOnAws(aws, "in Lance", name);
  expect(codesOf(await importCluster(client, CONFIG), "error")).toEqual([]);
  expect((await apply(client, CONFIG)).converged).toBe(true);
  await loadPeople(client, "people", "Ada", "Bo");
  await loadPeople(client, "people", "Cy");
  await refresh(client, CONFIG);
  return client;
}

async function namesIn({ ports }: Client): Promise<readonly unknown[]> {
  const found = await ports.engine.export({ graph: "people" as GraphId });
  if (found.tag !== "exporting") throw new Error(JSON.stringify(found));
  const names: unknown[] = [];
  for await (const line of found.lines) names.push(line);
  return names;
}

async function markedToken(ports: ClusterPorts): Promise<number> {
  const reading = await readLedger(ports, { repair: false });
  const marker = reading.tag === "ready" ? readMarker(reading.state) : null;
  if (marker?.tag !== "marked") throw new Error("the ledger has no marker");
  return marker.marker.token;
}

async function tokenOf({ lease }: ClusterPorts): Promise<number> {
  const read = await lease.read();
  if (read.tag === "unavailable") throw new Error(read.reason);
  return read.token;
}

describe("a cluster on S3 and DynamoDB", () => {
  it.each(["a folder", "a bucket"])(
    "comes back elsewhere from a backup in %s under the policy of the bucket, and goes on (K1, L1, A3)",
    async (kind) => {
      const [name, another] = [aws.name(), aws.name()];
      const client = await deployed(name);
      const rows = await namesIn(client);
      await aws.s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: longKey(name), Body: LONG }));
      const token = await markedToken(client.ports);
      const place = kind === "a folder" ? join(newFolder(), "backups") : `s3://${aws.bucket}/backups/${name}`;

      const regions = { [aws.bucket]: aws.settings.region ?? "" };
      aws.proxies.s3.clear();
      aws.proxies.dynamodb.clear();
      placeBuckets(aws.proxies.s3, regions);
      const taken = await graphform("backup", "--root", rootOf(name), "--to", place);
      expect(JSON.parse(taken.out)).toMatchObject({ ok: true, written: true, diagnostics: [] });
      expect(aws.proxies.dynamodb.seen.map(({ operation }) => operation)).toContain("GetItem");
      expect(sent("DELETE")).toEqual([]);
      expect(sent("PUT").filter((path) => path.includes("/clusters/"))).toEqual([]);
      await destroy(name);

      aws.proxies.s3.clear();
      placeBuckets(aws.proxies.s3, regions);
      const table = `${aws.settings.region}/${aws.table}`;
      const to = ["--root", rootOf(another), "--lease-table", table, "--owner", "prod"];
      const restored = await graphform("restore-cluster", "--from", place, ...to);
      expect(JSON.parse(restored.out)).toMatchObject({ ok: true, diagnostics: [], owner: "prod" });
      expect(sent("PUT").length).toBeGreaterThan(20);
      expect(refusals()).toEqual([]);
      expect(await hasLong(another)).toBe(true);
      expect(sent("PUT").filter((path) => path.includes("partNumber"))).toHaveLength(2);
      expect(aws.proxies.s3.seen.filter(isUnproven)).toEqual([]);

      const there = openOnAws(aws, "in Lance", another);
      const checked = await fsckCluster(there.ports, { config_dir: ".", repair: false });
      expect(
        checked.facts.filter(({ verdict }) => verdict === "contradicted" || verdict === "unknown"),
      ).toEqual([]);
      expect(changesOf(await planned(there, CONFIG))).toEqual([]);
      expect(await namesIn(there)).toEqual(rows);
      await loadPeople(there, "people", "Di");
      const again = await apply(there, CHANGED);
      expect({ codes: codesOf(again, "error"), converged: again.converged }).toEqual({
        codes: [],
        converged: true,
      });
      expect(await tokenOf(there.ports)).toBeGreaterThan(token);
    },
    120_000,
  );

  it("is not restored by plain puts: the policy of the bucket refuses them", () => {
    const key = "clusters/demo/__cluster/state.json";
    const plain = { action: "s3:PutObject", resource: `${permissions.bucketArn}/${key}`, keys: {} };

    expect(asked({ method: "PUT", path: `/bucket/${key}`, operation: "", headers: {} })).toEqual(plain);
    expect(permissions.asAdministrator(plain)).toBe("denied by WritesNeedACondition");
  });
});
