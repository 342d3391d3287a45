/** What the AWS adapters make of answers that begin and never end, as on a connection whose other side is gone. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createDynamoClient, createS3Client } from "../../lib/aws/clients.ts";
import { createDynamoLeaseTable } from "../../lib/aws/lease-table.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import type { ClusterName, LockId, RunId } from "../../lib/digest/ids.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import { type Aws, startAws } from "./emulators/start-aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());
beforeEach(() => {
  for (const proxy of Object.values(aws.proxies)) proxy.clear();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SHORT = { connect_ms: 500, request_ms: 300 };

describe("an answer that stops before its end", () => {
  const key = storeKey("__graphform/one.json");

  it("is waited for no longer than one that does not begin, and is none: a read is unavailable", async () => {
    const impatient = createS3Client(aws.settings, SHORT);
    const store = createS3ObjectStore(impatient, bucketPlace(aws.bucket, aws.name()));
    await store.putIfAbsent(key, bytes("there"));
    aws.proxies.s3.inject({ tag: "stall" }, () => true, 2);
    expect((await store.get(key)).tag).toBe("unavailable");
    expect((await store.list({ prefix: "", limit: 10 })).tag).toBe("unavailable");
    expect((await store.get(key)).tag).toBe("found");
    impatient.destroy();
  }, 10_000);

  it("leaves a write ambiguous, which has landed", async () => {
    const impatient = createS3Client(aws.settings, SHORT);
    const store = createS3ObjectStore(impatient, bucketPlace(aws.bucket, aws.name()));
    aws.proxies.s3.inject({ tag: "stall" }, ({ method }) => method === "PUT");
    expect((await store.putIfAbsent(key, bytes("put"))).tag).toBe("ambiguous");
    expect((await store.get(key)).tag).toBe("found");
    impatient.destroy();
  }, 10_000);

  it("leaves a change of the lease ambiguous, which has landed (K2)", async () => {
    const impatient = createDynamoClient(aws.settings, SHORT);
    const place = { table: aws.table, cluster: aws.name() as ClusterName };
    const lease = createDynamoLeaseTable(impatient, place, createManualClock(Date.UTC(2026, 0, 1)));
    const holding = { owner: "one", operation: "apply", token_floor: 0, duration_ms: 60_000 } as const;
    const request = { lock_id: "mine" as LockId, run_id: "run" as RunId, ...holding };
    aws.proxies.dynamodb.inject({ tag: "stall" }, ({ operation }) => operation === "PutItem");
    expect((await lease.acquire(request)).tag).toBe("ambiguous");
    expect(await lease.read()).toMatchObject({ tag: "read", holder: { lock_id: "mine" } });
    impatient.destroy();
  }, 10_000);
});
