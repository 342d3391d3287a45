/** Following a history to its beginning, or saying where it ends and why. */
import { beforeAll, describe, expect, it } from "vitest";
import { commitLedger } from "../../lib/ledger/commit.ts";
import { followHistory } from "../../lib/ledger/follow-history.ts";
import type { CommitIdentity } from "../../lib/ledger/head.ts";
import { receiptKey } from "../../lib/ledger/keys.ts";
import { RECEIPTS_AHEAD_MAX } from "../../lib/ledger/limits.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { healthyPorts } from "./faulty-ports.ts";
import { sampleFacts, sampleLedger } from "./sample-ledger.ts";

const COMMITS = 2 * RECEIPTS_AHEAD_MAX + 7;

const template = createMemoryBackend();
const identities: CommitIdentity[] = [];

beforeAll(async () => {
  const ports = healthyPorts(template, 0);
  for (let number = 0; number < COMMITS; number += 1) {
    const base = await readLedger(ports, { repair: true });
    if (base.tag !== "ready" && base.tag !== "missing") throw new Error(base.tag);
    const next = base.tag === "ready" ? base.state : sampleLedger();
    const result = await commitLedger(ports, base, next, sampleFacts());
    if (result.tag !== "committed") throw new Error(result.tag);
    identities.push(result.reading.identity);
  }
});

function longHistory() {
  const objects = new Map(template.objects);
  const ports = healthyPorts({ ...template, objects }, 0);
  const keyOf = (revision: number): string => receiptKey(revision, identities[revision - 1]!.commit_id);
  return { ports, objects, newest: identities.at(-1)!, keyOf };
}

const revisionsOf = ({ commits }: { readonly commits: readonly { readonly revision: number }[] }) =>
  commits.map((each) => each.revision);
const downFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first - index);

describe("following a history", () => {
  it("comes to its beginning over several waves, newest first and without a gap (S9)", async () => {
    const { ports, newest } = longHistory();
    const history = await followHistory(ports, newest, COMMITS + 1);
    expect(history.end).toEqual({ tag: "beginning" });
    expect(revisionsOf(history)).toEqual(downFrom(COMMITS, COMMITS));
  });

  it("asks far less often than there are commits, one wave after the other", async () => {
    const { ports, newest } = longHistory();
    let lists = 0;
    const list = (query: never) => {
      lists += 1;
      return ports.store.list(query);
    };
    await followHistory({ ...ports, store: { ...ports.store, list } }, newest, COMMITS);
    expect(lists).toBe(4);
  });

  it("stops at its limit and names the commit that comes next", async () => {
    const { ports, newest } = longHistory();
    const history = await followHistory(ports, newest, 5);
    expect(history).toMatchObject({ end: { tag: "limit", next: identities[COMMITS - 6] } });
    expect(revisionsOf(history)).toEqual(downFrom(COMMITS, 5));
  });

  it.each([
    ["gone", null, true, "it is not there"],
    ["another one", "{}", false, "its digest is not the one that the ledger names"],
  ])("ends where a receipt is %s, and never believes what lies below", async (_, text, lost, detail) => {
    const { ports, objects, newest, keyOf } = longHistory();
    if (text === null) objects.delete(keyOf(9));
    else objects.set(keyOf(9), Buffer.from(text));
    const history = await followHistory(ports, newest, COMMITS);
    expect(history.end).toEqual({ tag: "broken", at: identities[8], lost, detail });
    expect(revisionsOf(history)).toEqual(downFrom(COMMITS, COMMITS - 9));
  });

  it("is the same among attempts that never landed, however many they are", async () => {
    const { ports, objects, newest, keyOf } = longHistory();
    const bytes = objects.get(keyOf(3))!;
    for (let number = 0; number < 3 * RECEIPTS_AHEAD_MAX; number += 1) {
      const id = `00${String(number).padStart(24, "0")}` as CommitIdentity["commit_id"];
      objects.set(receiptKey(3 + (number % 5), id), bytes);
    }
    const history = await followHistory(ports, newest, COMMITS);
    expect(history.end).toEqual({ tag: "beginning" });
    expect(history.commits).toHaveLength(COMMITS);
  });

  it("does not take a receipt that cannot be read for one that is gone", async () => {
    const { ports, newest, keyOf } = longHistory();
    const get = (key: never) =>
      key === keyOf(9)
        ? Promise.resolve({ tag: "unavailable", reason: "no answer" } as const)
        : ports.store.get(key);
    const history = await followHistory({ ...ports, store: { ...ports.store, get } }, newest, COMMITS);
    expect(history.end).toEqual({ tag: "unavailable", at: identities[8], reason: "no answer" });
  });
});
