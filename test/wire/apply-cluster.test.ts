/**
 * A whole cluster on S3 and DynamoDB over HTTP: imported, applied, changed. Then the same with the answer of every
 * single write lost in turn: whatever that run says, nothing is applied twice and the next run converges.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apply, type Client, codesOf, importCluster, status } from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { openOnAws } from "./cluster-on-aws.ts";
import type { SeenRequest } from "./emulators/fault-proxy.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
};
const AFTER: ClusterFiles = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON } } },
};

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  for (const proxy of Object.values(aws.proxies)) proxy.clear();
});

function openClient(rows: "in Lance" | "in memory", name = aws.name()): Client {
  return openOnAws(aws, rows, name);
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

const isS3Write = ({ method }: SeenRequest): boolean => method === "PUT" || method === "DELETE";
const isLeaseWrite = ({ operation }: SeenRequest): boolean => operation === "PutItem";

describe("a cluster on S3 and DynamoDB", () => {
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
