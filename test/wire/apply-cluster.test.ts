/**
 * A whole cluster on S3 and DynamoDB over HTTP: imported, applied, changed. Then the same with the answer of every
 * single write lost in turn: whatever that run says, nothing is applied twice and the next run converges.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { bucketPlace, s3Url } from "../../lib/aws/bucket-place.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";
import { openAwsRoot } from "../../lib/aws/open-root.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createLanceTables } from "../../lib/engine/lance/lance-tables.ts";
import { createMemoryTables } from "../../lib/engine/memory/memory-tables.ts";
import type { Tables } from "../../lib/engine/tables.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import {
  apply,
  type Client,
  codesOf,
  importCluster,
  loadPeople,
  newWorld,
  refresh,
  rowsOf,
  status,
} from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import type { SeenRequest } from "./emulators/fault-proxy.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
};
const AFTER: ClusterFiles = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } } },
};

let aws: Aws;
let clients = 0;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  for (const proxy of Object.values(aws.proxies)) proxy.clear();
});

/** A client of a fresh root; the rows lie in Lance in the bucket, or in memory where only the control plane matters. */
function openClient(rows: "in Lance" | "in memory", name = aws.name()): Client {
  const world = newWorld();
  const { clock } = world;
  const place = bucketPlace(aws.bucket, `clusters/${name}`);
  const lease = { table: aws.table, cluster: name as ClusterName };
  const root = openAwsRoot({ ...aws, place, lease, region: aws.settings.region, clock });
  const tables: Tables =
    rows === "in memory"
      ? createMemoryTables(world.rows)
      : createLanceTables({
          root: s3Url(place),
          storage: root.graphs,
          storage_options: lanceStorageOptions(aws.settings),
        });
  const { store, ledger, lease: leaseTable, lease_table } = root;
  clients += 1;
  const ids = createCountingIds(clients);
  const ports: ClusterPorts = {
    store,
    ledger,
    lease: leaseTable,
    lease_table,
    engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
    rules: LAPTOP_RULES,
    clock,
    ids,
    log: SILENT_LOG,
    root: s3Url(place),
    owner: "worker",
    pid: 1,
    // As in a function: until the invocation ends.
    holding: () => ({ duration_ms: 15 * 60 * 1000, renew: false }),
  };
  return { world, ports };
}

async function applied(rows: "in Lance" | "in memory", name = aws.name()): Promise<Client> {
  const client = openClient(rows, name);
  expect(codesOf(await importCluster(client, BEFORE), "error")).toEqual([]);
  const output = await apply(client, BEFORE);
  expect({ codes: codesOf(output, "error"), converged: output.converged }).toEqual({
    codes: [],
    converged: true,
  });
  return client;
}

async function tokenOf({ ports }: Client): Promise<number> {
  const read = await ports.lease.read();
  if (read.tag === "unavailable") throw new Error(read.reason);
  return read.token;
}

const isS3Write = ({ method }: SeenRequest): boolean => method === "PUT" || method === "DELETE";
const isLeaseWrite = ({ operation }: SeenRequest): boolean => operation === "PutItem";

/** Everything below the root of a cluster, by key. */
async function copyOf(name: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const { s3, bucket: Bucket } = aws;
  const copy = new Map<string, Uint8Array>();
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: `clusters/${name}/`, ContinuationToken: token }),
    );
    for (const { Key = "" } of page.Contents ?? []) {
      const found = await s3.send(new GetObjectCommand({ Bucket, Key }));
      copy.set(Key, (await found.Body?.transformToByteArray()) ?? new Uint8Array());
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return copy;
}

async function putBack(name: string, copy: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const { s3, bucket: Bucket } = aws;
  for (const Key of (await copyOf(name)).keys()) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  for (const [Key, Body] of copy) await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

describe("a cluster on S3 and DynamoDB", () => {
  it("comes back whole from a copy of everything below its root, and goes on from there (K1, L1, A3)", async () => {
    const name = aws.name();
    const client = await applied("in Lance", name);
    await loadPeople(client, "people", "Ada", "Bo");
    await refresh(client, BEFORE);
    const copy = await copyOf(name);
    const token = await tokenOf(client);
    await apply(client, AFTER);
    await loadPeople(client, "people", "Cy");

    await putBack(name, copy);
    const restored = openClient("in Lance", name);
    const checked = await fsckCluster(restored.ports, { config_dir: ".", repair: false });
    const seen = await status(restored);
    const again = await apply(restored, AFTER);

    expect(checked.facts.filter(({ verdict }) => verdict === "contradicted")).toEqual([]);
    expect(codesOf(seen, "error")).toEqual([]);
    expect(await rowsOf(restored, "people")).toBe(2);
    expect({ codes: codesOf(again, "error"), converged: again.converged }).toEqual({
      codes: [],
      converged: true,
    });
    expect(await tokenOf(restored)).toBeGreaterThan(token);
  });

  it("is imported, applied and changed, and a converged apply writes nothing but its lock (A7)", async () => {
    const client = await applied("in Lance");
    const changed = await apply(client, AFTER);
    expect({ codes: codesOf(changed, "error"), converged: changed.converged }).toEqual({
      codes: [],
      converged: true,
    });
    aws.proxies.s3.clear();
    expect((await apply(client, AFTER)).converged).toBe(true);
    const writes = aws.proxies.s3.seen.filter(isS3Write).map(({ path }) => path.replace(/^.*?\/__/, "__"));
    expect(writes.filter((path) => !/^__(cluster\/lock\.json|graphform\/locks\/)/.test(path))).toEqual([]);
  });

  it("converges on the next run whichever write of a run loses its answer, and applies nothing twice (A3, L1)", async () => {
    const counted = await applied("in memory");
    for (const proxy of [aws.proxies.s3, aws.proxies.dynamodb]) proxy.clear();
    await apply(counted, AFTER);
    const s3Writes = aws.proxies.s3.seen.filter(isS3Write).length;
    const leaseWrites = aws.proxies.dynamodb.seen.filter(isLeaseWrite).length;
    expect(s3Writes).toBeGreaterThan(10);
    expect(leaseWrites).toBe(2);
    for (let nth = 0; nth < s3Writes + leaseWrites; nth += 1) {
      const client = await applied("in memory");
      for (const proxy of [aws.proxies.s3, aws.proxies.dynamodb]) proxy.clear();
      const isLease = nth >= s3Writes;
      const proxy = isLease ? aws.proxies.dynamodb : aws.proxies.s3;
      let left = isLease ? nth - s3Writes : nth;
      const met = proxy.inject({ tag: "drop_answer" }, (request) => {
        if (!(isLease ? isLeaseWrite(request) : isS3Write(request))) return false;
        left -= 1;
        return left < 0;
      });
      await apply(client, AFTER);
      expect(met(), `write ${nth}`).toBe(1);
      const settled = await apply(client, AFTER);
      expect({ nth, codes: codesOf(settled, "error"), converged: settled.converged }).toEqual({
        nth,
        codes: [],
        converged: true,
      });
      const shown = await status(client);
      expect({ nth, codes: codesOf(shown) }).toEqual({ nth, codes: [] });
      const listed = await client.ports.store.list({ prefix: "graphs/people.omni/__manifest/", limit: 10 });
      expect(listed.tag === "listed" ? listed.keys.length : listed, `write ${nth}`).toBe(2);
    }
  });
});
