/**
 * Lease table on DynamoDB, by the contract of lib/ports/lease-table: one item a cluster, whose record is decided by
 * lib/ports/lease-record.
 *
 * The item: `cluster` (the key), `revision` (counts every change of the item), `record` (the lease record as JSON),
 * `token` (its token, for people who look). Every change is one PutItem on the condition that the revision is the one
 * that the change was decided on; a refused one brings the item along (`ALL_OLD`) and is decided again on that, so an
 * own change whose answer was lost is met as one's own. Reads are consistent. Nothing expires by a time to live.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { ClusterName } from "../digest/ids.ts";
import type { Clock } from "../ports/clock.ts";
import {
  decideAcquire,
  decideBreak,
  decideRelease,
  decideRenew,
  EMPTY_LEASE_RECORD,
  type LeaseDecision,
  type LeaseRecord,
  remembers,
} from "../ports/lease-record.ts";
import { decodeLeaseRecord } from "../ports/lease-record-json.ts";
import type { LeaseHolder, LeaseTable } from "../ports/lease-table.ts";
import type { Outcome } from "../ports/outcome.ts";
import { attempt, readFailure, withoutCondition } from "./failure.ts";
import { LEASE_CHANGES_MAX } from "./limits.ts";

export interface LeasePlace {
  readonly table: string;
  readonly cluster: ClusterName;
}

type Item = Readonly<Record<string, AttributeValue>>;

/** `revision` 0: there is no item. */
type Held =
  | { readonly tag: "record"; readonly record: LeaseRecord; readonly revision: number }
  | { readonly tag: "unavailable"; readonly reason: string };

type Stored =
  | { readonly tag: "stored" }
  | { readonly tag: "overtaken"; readonly item: Item | null }
  | ReturnType<typeof withoutCondition>;

function decodeItem(place: LeasePlace, item: Item | undefined): Held {
  if (item === undefined) return { tag: "record", record: EMPTY_LEASE_RECORD, revision: 0 };
  const record = decodeLeaseRecord(Buffer.from(item["record"]?.S ?? ""));
  const revision = Number(item["revision"]?.N ?? Number.NaN);
  if (record === null || !Number.isSafeInteger(revision)) {
    // Safe advice: tokens rise above the one in the ledger even when the item is lost (K1).
    const reason = `the item of ${place.cluster} in ${place.table} is damaged; if no command is running, delete it`;
    return { tag: "unavailable", reason };
  }
  return { tag: "record", record, revision };
}

async function load(client: DynamoDBClient, place: LeasePlace): Promise<Held> {
  const command = new GetItemCommand({
    TableName: place.table,
    Key: { cluster: { S: place.cluster } },
    ConsistentRead: true,
  });
  const answer = await attempt(() => client.send(command));
  return answer.tag === "failed" ? readFailure(answer.failure) : decodeItem(place, answer.value.Item);
}

async function store(
  client: DynamoDBClient,
  place: LeasePlace,
  record: LeaseRecord,
  base: number,
): Promise<Stored> {
  const command = new PutItemCommand({
    TableName: place.table,
    Item: {
      cluster: { S: place.cluster },
      revision: { N: String(base + 1) },
      record: { S: JSON.stringify(record) },
      token: { N: String(record.token) },
    },
    ...(base === 0
      ? {
          ConditionExpression: "attribute_not_exists(#cluster)",
          ExpressionAttributeNames: { "#cluster": "cluster" },
        }
      : {
          ConditionExpression: "#revision = :base",
          ExpressionAttributeNames: { "#revision": "revision" },
          ExpressionAttributeValues: { ":base": { N: String(base) } },
        }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  });
  const answer = await attempt(() => client.send(command));
  if (answer.tag === "ok") return { tag: "stored" };
  if (answer.failure.kind !== "condition") return withoutCondition(answer.failure);
  return { tag: "overtaken", item: itemOf(answer.error) };
}

function itemOf(error: unknown): Item | null {
  const item: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "Item") : undefined;
  return typeof item === "object" && item !== null ? (item as Item) : null;
}

async function change<Value>(
  client: DynamoDBClient,
  place: LeasePlace,
  decide: (record: LeaseRecord) => LeaseDecision<Value>,
): Promise<Outcome<Value, LeaseHolder>> {
  let held = await load(client, place);
  for (let changes = 0; changes < LEASE_CHANGES_MAX; changes += 1) {
    if (held.tag === "unavailable") return held;
    const decision = decide(held.record);
    if (decision.tag === "refused") return { tag: "refused", current: decision.holder };
    if (decision.tag === "answer") return { tag: "done", value: decision.value };
    const stored = await store(client, place, decision.record, held.revision);
    if (stored.tag === "stored") return { tag: "done", value: decision.value };
    if (stored.tag !== "overtaken") return stored;
    held = stored.item === null ? await load(client, place) : decodeItem(place, stored.item);
  }
  return { tag: "conflict" };
}

/** A client of the lease of one cluster that reads the time from `clock`. */
export function createDynamoLeaseTable(client: DynamoDBClient, place: LeasePlace, clock: Clock): LeaseTable {
  return {
    async read() {
      const held = await load(client, place);
      if (held.tag === "unavailable") return held;
      return { tag: "read", holder: held.record.holder, token: held.record.token };
    },
    acquire: (request) => change(client, place, (record) => decideAcquire(record, request, clock.nowMs())),
    renew: (lockId, durationMs) =>
      change(client, place, (record) => decideRenew(record, lockId, durationMs, clock.nowMs())),
    release: (lockId) => change(client, place, (record) => decideRelease(record, lockId)),
    break: (lockId) => change(client, place, (record) => decideBreak(record, lockId)),
    async knows(lockId) {
      const held = await load(client, place);
      if (held.tag === "unavailable") return "unavailable";
      return remembers(held.record, lockId) ? "yes" : "no";
    },
  };
}
