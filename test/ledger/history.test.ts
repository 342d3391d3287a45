/** Following the history by its receipts, and finding the highest head. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CommitId } from "../../lib/digest/ids.ts";
import { encodeLedger } from "../../lib/ledger/codec.ts";
import { commitLedger } from "../../lib/ledger/commit.ts";
import type { CommitIdentity } from "../../lib/ledger/head.ts";
import { isInHistory, readHeadOf, readHighestHead } from "../../lib/ledger/history.ts";
import { headKey, receiptKey } from "../../lib/ledger/keys.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { readyLedger } from "./history-of.ts";
import { sampleFacts, sampleLedger } from "./sample-ledger.ts";

describe("the history", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  let identities: CommitIdentity[];
  beforeEach(async () => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
    identities = [];
    for (let n = 0; n < 3; n += 1) await commit();
    // Another tool writes two revisions, so that the chain has a gap.
    const { state } = await readyLedger(ports);
    backend.objects.set(STATE_KEY, Uint8Array.from(encodeLedger({ ...state, state_revision: 5 })));
    for (let n = 0; n < 2; n += 1) await commit();
  });

  async function commit(): Promise<void> {
    const base = await readLedger(ports, { repair: true });
    if (base.tag !== "ready" && base.tag !== "missing") throw new Error(base.tag);
    if (base.tag === "ready" && base.foreign) identities.push(base.identity);
    const next = base.tag === "ready" ? base.state : sampleLedger();
    const result = await commitLedger(ports, base, next, sampleFacts());
    if (result.tag !== "committed") throw new Error(result.tag);
    identities.push(result.reading.identity);
  }
  const newest = (): CommitIdentity => identities.at(-1)!;

  it("contains every commit that landed, also below a range of another tool (L1, L9)", async () => {
    expect(identities.map((each) => each.revision)).toEqual([1, 2, 3, 5, 6, 7]);
    for (const identity of identities) expect(await isInHistory(ports, newest(), identity)).toBe("yes");
  });

  it("contains no other attempt, no later revision, and nothing in a gap", async () => {
    const other = "01JFFFFFFFFFFFFFFFFFFFFFFF" as CommitId;
    for (const revision of [1, 2, 4, 5, 6, 7, 8]) {
      expect(await isInHistory(ports, newest(), { revision, commit_id: other })).toBe("no");
    }
  });

  it("is unknown below a receipt that is missing, damaged or cannot be read", async () => {
    const first = identities[0]!;
    const third = identities[2]!;
    const key = receiptKey(third.revision, third.commit_id);
    const bytes = backend.objects.get(key)!;
    const failing = faultyPorts(ports, (call) => call > 2, "error").ports;
    expect(await isInHistory(failing, newest(), first)).toBe("unknown");
    backend.objects.set(key, Uint8Array.from([...bytes, 0x20]));
    expect(await isInHistory(ports, newest(), first)).toBe("unknown");
    backend.objects.delete(key);
    expect(await isInHistory(ports, newest(), first)).toBe("unknown");
    expect(await isInHistory(ports, newest(), third)).toBe("yes");
  });

  it("has its highest head found over many pages, and only up to the revision asked for", async () => {
    const head = backend.objects.get(headKey(1))!;
    for (let revision = 8; revision < 2600; revision += 1) backend.objects.set(headKey(revision), head);
    const highest = await readHighestHead(ports, Number.MAX_SAFE_INTEGER);
    const below = await readHighestHead(ports, 4);
    expect(highest.tag === "head" ? highest.head.revision : highest).toBe(2599);
    expect(below.tag === "head" ? below.head.revision : below).toBe(3);
    expect(await readHighestHead(ports, 0)).toEqual({ tag: "absent" });
  });

  it("does not guess what a damaged head names", async () => {
    backend.objects.set(headKey(1), new TextEncoder().encode("{}"));
    expect((await readHeadOf(ports, 1)).tag).toBe("unavailable");
  });
});
