/** The lease item as it lies in the table: one item a cluster, with all attributes that a person may look at. */
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoLeaseTable } from "../../lib/aws/lease-table.ts";
import type { ClusterName, LockId, RunId } from "../../lib/digest/ids.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { type Aws, startAws } from "../wire/emulators/start-aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.stop());

const REQUEST = {
  lock_id: "01LOCK" as LockId,
  owner: "worker",
  operation: "apply",
  run_id: "01RUN" as RunId,
  token_floor: 6,
  duration_ms: 60_000,
} as const;

function open(cluster: string) {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  return createDynamoLeaseTable(aws.dynamodb, { table: aws.table, cluster: cluster as ClusterName }, clock);
}

describe("the lease item", () => {
  it("has this form (format_version 1)", async () => {
    await open("company").acquire(REQUEST);
    const command = new GetItemCommand({ TableName: aws.table, Key: { cluster: { S: "company" } } });
    const { Item } = await aws.dynamodb.send(command);
    const record =
      '{"format_version":1,"token":7,"holder":{"lock_id":"01LOCK","owner":"worker","operation":"apply","run_id":"01RUN","token":7,"acquired_at":"2026-01-01T00:00:00Z","deadline":"2026-01-01T00:01:00Z"},"lock_ids":["01LOCK"]}';
    expect(Item).toEqual({
      cluster: { S: "company" },
      revision: { N: "1" },
      record: { S: record },
      token: { N: "7" },
    });
  });

  it("that is damaged makes the lease unavailable, with what to do, and is not overwritten (K2)", async () => {
    const Item = { cluster: { S: "damaged" }, revision: { N: "3" }, record: { S: '{"format_version":2}' } };
    await aws.dynamodb.send(new PutItemCommand({ TableName: aws.table, Item }));
    const lease = open("damaged");
    expect(await lease.acquire(REQUEST)).toMatchObject({
      tag: "unavailable",
      reason: expect.stringContaining("damaged"),
    });
    expect((await lease.read()).tag).toBe("unavailable");
    const command = new GetItemCommand({ TableName: aws.table, Key: { cluster: { S: "damaged" } } });
    expect((await aws.dynamodb.send(command)).Item).toEqual(Item);
  });

  it("of one cluster is not that of another", async () => {
    expect((await open("one").acquire(REQUEST)).tag).toBe("done");
    expect((await open("other").acquire({ ...REQUEST, lock_id: "02LOCK" as LockId })).tag).toBe("done");
  });
});
