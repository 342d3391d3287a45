/**
 * What the AWS adapters make of everything that a network and a service can do, over HTTP with the SDK's own clients:
 * each case ends as exactly one of the five outcomes, is sent exactly once, and leaves what it says in the store.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bucketPlace } from "../../lib/aws/bucket-place.ts";
import { createDynamoClient, createS3Client } from "../../lib/aws/clients.ts";
import { createDynamoLeaseTable } from "../../lib/aws/lease-table.ts";
import { createSnsNotices } from "../../lib/aws/notices.ts";
import { createS3ObjectStore } from "../../lib/aws/object-store.ts";
import { createSqsWorkQueue } from "../../lib/aws/work-queue.ts";
import type { ClusterName, LockId, RunId } from "../../lib/digest/ids.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import type { LeaseRequest, LeaseTable } from "../../lib/ports/lease-table.ts";
import type { LogEvent } from "../../lib/ports/log.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import { type ObjectStore, storeKey, type Version } from "../../lib/ports/object-store.ts";
import type { WorkQueue } from "../../lib/ports/work-queue.ts";
import type { Fault, FaultProxy, SeenRequest } from "./emulators/fault-proxy.ts";
import type { Reply } from "./emulators/listen.ts";
import { s3Error } from "./emulators/s3-server.ts";
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

function jsonError(status: number, type: string): Reply {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({
      __type: `com.amazonaws.dynamodb.v20120810#${type}`,
      message: `${type} by the test`,
    }),
  };
}

const isWrite = ({ method }: SeenRequest): boolean => method === "PUT" || method === "DELETE";

describe("a write to S3", () => {
  const key = storeKey("__graphform/one.json");
  let store: ObjectStore;
  let proxy: FaultProxy;
  beforeEach(() => {
    store = createS3ObjectStore(aws.s3, bucketPlace(aws.bucket, aws.name()));
    proxy = aws.proxies.s3;
  });

  const content = async (): Promise<string | null> => {
    const found = await store.get(key);
    if (found.tag === "unavailable") throw new Error(found.reason);
    return found.tag === "found" ? new TextDecoder().decode(found.bytes) : null;
  };
  const put = async (text: string): Promise<Version> => {
    const outcome = await store.putIfAbsent(key, bytes(text));
    if (outcome.tag !== "done") throw new Error(outcome.tag);
    proxy.clear();
    return outcome.value;
  };
  const writes = (): number => proxy.seen.filter(isWrite).length;

  const cases: readonly (readonly [string, Fault, string, "landed" | "not"])[] = [
    ["whose answer is lost after it landed", { tag: "drop_answer" }, "ambiguous", "landed"],
    ["whose connection ends before it arrived", { tag: "reset" }, "ambiguous", "not"],
    [
      "that lands and is answered 500",
      { tag: "answer_after", reply: s3Error(500, "InternalError") },
      "ambiguous",
      "landed",
    ],
    [
      "that is answered 503 by something on the way",
      { tag: "answer_after", reply: s3Error(503, "ServiceUnavailable") },
      "ambiguous",
      "landed",
    ],
    [
      "that is answered with a page of a gateway",
      { tag: "answer", reply: { status: 502, headers: {}, body: "<html>bad gateway</html>" } },
      "ambiguous",
      "not",
    ],
    ["that is throttled", { tag: "answer", reply: s3Error(503, "SlowDown") }, "unavailable", "not"],
    ["that is forbidden", { tag: "answer", reply: s3Error(403, "AccessDenied") }, "unavailable", "not"],
    [
      "that meets a concurrent one",
      { tag: "answer", reply: s3Error(409, "ConditionalRequestConflict") },
      "conflict",
      "not",
    ],
  ];
  for (const [title, fault, tag, effect] of cases) {
    it(`${title} is ${tag}, and is sent once`, async () => {
      proxy.inject(fault, isWrite);
      expect((await store.putIfAbsent(key, bytes("put"))).tag).toBe(tag);
      expect(writes()).toBe(1);
      expect(await content()).toBe(effect === "landed" ? "put" : null);
    });

    it(`${title}, as a replacement, is ${tag}, and is sent once`, async () => {
      const version = await put("before");
      proxy.inject(fault, isWrite);
      expect((await store.replace(key, bytes("after"), version)).tag).toBe(tag);
      expect(writes()).toBe(1);
      expect(await content()).toBe(effect === "landed" ? "after" : "before");
    });

    it(`${title}, as a removal, is ${tag}, and is sent once`, async () => {
      const version = await put("before");
      proxy.inject(fault, isWrite);
      expect((await store.remove(key, version)).tag).toBe(tag);
      expect(writes()).toBe(1);
      expect(await content()).toBe(effect === "landed" ? null : "before");
    });
  }

  it("that gets no answer in time is ambiguous, and lands later all the same", async () => {
    const impatient = createS3Client(aws.settings, SHORT);
    const place = bucketPlace(aws.bucket, aws.name());
    proxy.inject({ tag: "delay", ms: 600 }, isWrite);
    const outcome = await createS3ObjectStore(impatient, place).putIfAbsent(key, bytes("late"));
    expect(outcome.tag).toBe("ambiguous");
    expect(writes()).toBe(1);
    const patient = createS3ObjectStore(aws.s3, place);
    await expect.poll(async () => (await patient.get(key)).tag, { timeout: 5_000 }).toBe("found");
    impatient.destroy();
  });

  it("that nobody listens to is unavailable", async () => {
    const settings = { ...aws.settings, endpoints: { ...aws.settings.endpoints, s3: "http://127.0.0.1:9" } };
    const nobody = createS3ObjectStore(createS3Client(settings, SHORT), bucketPlace(aws.bucket, "x"));
    expect((await nobody.putIfAbsent(key, bytes("x"))).tag).toBe("unavailable");
    expect((await nobody.get(key)).tag).toBe("unavailable");
  });

  it("that another's object refuses says what is there, also when that cannot be read", async () => {
    const version = await put("first");
    expect(await store.putIfAbsent(key, bytes("second"))).toEqual({
      tag: "refused",
      current: { tag: "found", version },
    });
    proxy.inject(
      { tag: "answer", reply: { status: 500, headers: {}, body: "" } },
      ({ method }) => method === "HEAD",
    );
    expect(await store.putIfAbsent(key, bytes("second"))).toEqual({
      tag: "refused",
      current: { tag: "found", version: null },
    });
  });

  it("that landed under a version that nobody tells is ambiguous, because a read can tell it", async () => {
    proxy.inject({ tag: "answer_after", reply: { status: 200, headers: {}, body: "" } }, isWrite);
    expect((await store.putIfAbsent(key, bytes("mine"))).tag).toBe("ambiguous");
    expect(await content()).toBe("mine");
  });

  it("that was refused by what has gone since is a conflict for a first put", async () => {
    proxy.inject({ tag: "answer", reply: s3Error(412, "PreconditionFailed") }, isWrite);
    expect((await store.putIfAbsent(key, bytes("first"))).tag).toBe("conflict");
  });

  it("repeated after a lost answer is refused by the first, whose version proves itself by its content", async () => {
    proxy.inject({ tag: "drop_answer" }, isWrite);
    expect((await store.putIfAbsent(key, bytes("mine"))).tag).toBe("ambiguous");
    expect((await store.putIfAbsent(key, bytes("mine"))).tag).toBe("refused");
    expect(await content()).toBe("mine");
  });

  it("to a bucket that is not there is unavailable, and its keys are not absent", async () => {
    const elsewhere = createS3ObjectStore(aws.s3, bucketPlace("no-such-bucket-here", "x"));
    expect((await elsewhere.replace(key, bytes("x"), '"x"' as Version)).tag).toBe("unavailable");
    expect((await elsewhere.get(key)).tag).toBe("unavailable");
  });
});

describe("a read from S3", () => {
  const key = storeKey("__graphform/one.json");
  const faults: readonly (readonly [string, Fault])[] = [
    ["an error", { tag: "answer", reply: s3Error(500, "InternalError") }],
    ["a throttle", { tag: "answer", reply: s3Error(503, "SlowDown") }],
    ["a refusal", { tag: "answer", reply: s3Error(403, "AccessDenied") }],
    ["a lost answer", { tag: "drop_answer" }],
    ["a reset", { tag: "reset" }],
    ["an answer that is no XML", { tag: "answer", reply: { status: 200, headers: {}, body: "<<<" } }],
  ];
  for (const [title, fault] of faults) {
    it(`that meets ${title} is unavailable, never absent or empty`, async () => {
      const store = createS3ObjectStore(aws.s3, bucketPlace(aws.bucket, aws.name()));
      aws.proxies.s3.inject(fault, () => true);
      expect((await store.get(key)).tag).toBe("unavailable");
      aws.proxies.s3.inject(fault, () => true);
      expect((await store.list({ prefix: "__graphform/", limit: 10 })).tag).toBe("unavailable");
      expect(aws.proxies.s3.seen).toHaveLength(2);
    });
  }
});

describe("a change of the lease in DynamoDB", () => {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  let lease: LeaseTable;
  let proxy: FaultProxy;
  beforeEach(() => {
    lease = createDynamoLeaseTable(
      aws.dynamodb,
      { table: aws.table, cluster: aws.name() as ClusterName },
      clock,
    );
    proxy = aws.proxies.dynamodb;
  });
  const request = (lock: string): LeaseRequest => ({
    lock_id: lock as LockId,
    owner: "one",
    operation: "apply",
    run_id: "run" as RunId,
    token_floor: 0,
    duration_ms: 60_000,
  });
  const isPut = ({ operation }: SeenRequest): boolean => operation === "PutItem";
  const puts = (): number => proxy.seen.filter(isPut).length;

  const cases: readonly (readonly [string, Fault, string, boolean])[] = [
    ["whose answer is lost after it landed", { tag: "drop_answer" }, "ambiguous", true],
    ["whose connection ends before it arrived", { tag: "reset" }, "ambiguous", false],
    [
      "that lands and is answered 500",
      { tag: "answer_after", reply: jsonError(500, "InternalServerError") },
      "ambiguous",
      true,
    ],
    [
      "that is throttled",
      { tag: "answer", reply: jsonError(400, "ProvisionedThroughputExceededException") },
      "unavailable",
      false,
    ],
    [
      "that is throttled by the API",
      { tag: "answer", reply: jsonError(400, "ThrottlingException") },
      "unavailable",
      false,
    ],
    [
      "that is forbidden",
      { tag: "answer", reply: jsonError(400, "AccessDeniedException") },
      "unavailable",
      false,
    ],
    [
      "that meets a transaction",
      { tag: "answer", reply: jsonError(400, "TransactionConflictException") },
      "conflict",
      false,
    ],
  ];
  for (const [title, fault, tag, landed] of cases) {
    it(`${title} is ${tag}, and is sent once`, async () => {
      proxy.inject(fault, isPut);
      expect((await lease.acquire(request("mine"))).tag).toBe(tag);
      expect(puts()).toBe(1);
      const read = await lease.read();
      expect(read.tag === "read" ? read.holder !== null : read).toBe(landed);
    });
  }

  it("whose answer was lost is met as one's own when it is asked again, with the same token (K1)", async () => {
    proxy.inject({ tag: "drop_answer" }, isPut);
    expect((await lease.acquire(request("mine"))).tag).toBe("ambiguous");
    const again = await lease.acquire(request("mine"));
    expect(again).toMatchObject({
      tag: "done",
      value: { item: { lock_id: "mine", token: 1 }, displaced: null },
    });
    expect(puts()).toBe(1);
  });

  it("that another has overtaken is decided on the item that refused it, without reading again (K2)", async () => {
    const slow = createDynamoClient(aws.settings);
    const other = createDynamoLeaseTable(
      slow,
      { table: aws.table, cluster: "overtaken" as ClusterName },
      clock,
    );
    const mine = createDynamoLeaseTable(
      aws.dynamodb,
      { table: aws.table, cluster: "overtaken" as ClusterName },
      clock,
    );
    proxy.inject({ tag: "delay", ms: 200 }, isPut);
    const late = mine.acquire(request("late"));
    await expect.poll(() => puts()).toBe(1);
    expect((await other.acquire(request("early"))).tag).toBe("done");
    const gets = proxy.seen.filter(({ operation }) => operation === "GetItem").length;
    expect(await late).toMatchObject({ tag: "refused", current: { lock_id: "early" } });
    expect(proxy.seen.filter(({ operation }) => operation === "GetItem")).toHaveLength(gets);
    slow.destroy();
  });

  it("is unavailable, not free, while the item cannot be read", async () => {
    proxy.inject({ tag: "answer", reply: jsonError(500, "InternalServerError") }, () => true, 3);
    expect((await lease.read()).tag).toBe("unavailable");
    expect(await lease.knows("mine" as LockId)).toBe("unavailable");
    expect((await lease.acquire(request("mine"))).tag).toBe("unavailable");
    expect(puts()).toBe(0);
  });
});

describe("a message to SQS", () => {
  let queue: WorkQueue;
  let proxy: FaultProxy;
  beforeEach(async () => {
    queue = createSqsWorkQueue(aws.sqs, await aws.createQueue(30));
    proxy = aws.proxies.sqs;
    proxy.clear();
  });
  const message = { body: "{}", group: "one", deduplication_id: "one" };

  it("whose answer is lost is ambiguous, is sent once, and sending it again makes no second", async () => {
    proxy.inject({ tag: "drop_answer" }, ({ operation }) => operation === "SendMessage");
    expect((await queue.send(message)).tag).toBe("ambiguous");
    expect(proxy.seen).toHaveLength(1);
    expect((await queue.send(message)).tag).toBe("done");
    const first = await queue.receive(0);
    expect(first.tag === "received" ? first.messages.length : first).toBe(1);
    if (first.tag === "received") await queue.acknowledge(first.messages[0]?.receipt ?? "");
    expect(await queue.receive(0)).toEqual({ tag: "received", messages: [] });
  });

  it("that is throttled is unavailable, and one that meets an error is ambiguous", async () => {
    proxy.inject({ tag: "answer", reply: jsonError(400, "RequestThrottled") }, () => true);
    expect((await queue.send(message)).tag).toBe("unavailable");
    proxy.inject({ tag: "answer", reply: jsonError(500, "InternalFailure") }, () => true);
    expect((await queue.send(message)).tag).toBe("ambiguous");
    expect(proxy.seen).toHaveLength(2);
  });

  it("cannot be received while the queue is away, which is not an empty queue", async () => {
    proxy.inject({ tag: "reset" }, () => true);
    expect((await queue.receive(0)).tag).toBe("unavailable");
  });

  it("whose acknowledgement is forbidden is not taken for one that was handed out again", async () => {
    await queue.send(message);
    const received = await queue.receive(0);
    const receipt = received.tag === "received" ? (received.messages[0]?.receipt ?? "") : "";
    proxy.inject({ tag: "answer", reply: jsonError(403, "AccessDenied") }, () => true);
    expect((await queue.acknowledge(receipt)).tag).toBe("unavailable");
    expect(await queue.acknowledge(receipt)).toMatchObject({ tag: "done" });
  });

  it("whose acknowledgement is lost is ambiguous and over", async () => {
    await queue.send(message);
    const received = await queue.receive(0);
    const receipt = received.tag === "received" ? (received.messages[0]?.receipt ?? "") : "";
    proxy.inject({ tag: "drop_answer" }, ({ operation }) => operation === "DeleteMessage");
    expect((await queue.acknowledge(receipt)).tag).toBe("ambiguous");
    expect(await queue.acknowledge(receipt)).toEqual({ tag: "refused", current: "expired" });
  });
});

describe("a notice to SNS", () => {
  const notice: Notice = {
    format_version: 1,
    kind: "plan_ready",
    cluster: "company",
    run_id: null,
    plan_id: null,
    text: "A plan is ready.",
    codes: [],
    at: "2026-01-01T00:00:00Z",
  };

  it("is published, and one that cannot be is logged, and its sender knows", async () => {
    const logged: LogEvent[] = [];
    const log = { info: () => undefined, warn: (event: LogEvent) => logged.push(event) };
    const notices = createSnsNotices(aws.sns, await aws.createTopic(), log);
    expect(await notices.publish(notice)).toBe(true);
    expect(logged).toEqual([]);
    aws.proxies.sns.inject({ tag: "reset" }, () => true);
    expect(await notices.publish(notice)).toBe(false);
    expect(logged).toMatchObject([{ event: "notice.not_sent", cluster: "company" }]);
  });
});
