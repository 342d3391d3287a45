/** Reading the ledger against its history: every case of LedgerReading. */
import { beforeEach, describe, expect, it } from "vitest";
import { stateCas } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, RunId } from "../../lib/digest/ids.ts";
import { isUlid } from "../../lib/digest/ids.ts";
import { encodeLedger } from "../../lib/ledger/codec.ts";
import { commitLedger } from "../../lib/ledger/commit.ts";
import { foreignCommitId } from "../../lib/ledger/foreign-range.ts";
import { headKey, receiptKey } from "../../lib/ledger/keys.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { historyOf, readyLedger } from "./history-of.ts";
import { EMPTY_LEDGER, sampleFacts, sampleLedger } from "./sample-ledger.ts";

const RUN = "01K00000000000000000000009" as RunId;
const GRAPHS = {
  ["shop" as GraphId]: { manifest_version: 4, incarnation: "01K0000000000000000000000A" as IncarnationId },
};

describe("reading the ledger", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  beforeEach(() => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
  });

  const commit = async (): Promise<void> => {
    const base = await readLedger(ports, { repair: true });
    if (base.tag !== "ready" && base.tag !== "missing") throw new Error(base.tag);
    const next = base.tag === "ready" ? base.state : sampleLedger();
    const result = await commitLedger(ports, base, next, sampleFacts({ run_id: RUN, graphs: GRAPHS }));
    if (result.tag !== "committed") throw new Error(result.tag);
  };
  /** What OmniGraph leaves: the same document with other resources, a higher revision and our old marker. */
  const writeForeign = async (revisions = 1, change: Partial<LedgerState> = {}): Promise<void> => {
    const { state } = await readyLedger(ports);
    const next = { ...state, state_revision: state.state_revision + revisions, ...change };
    backend.objects.set(STATE_KEY, Uint8Array.from(encodeLedger(next)));
  };
  const keysBelow = (prefix: string): readonly string[] =>
    [...backend.objects.keys()].filter((key) => key.startsWith(prefix));

  it("finds missing where there is no document and no head", async () => {
    expect(await readLedger(ports, { repair: true })).toEqual({ tag: "missing" });
  });

  it("does not take receipts alone for a history (state_lost)", async () => {
    await commit();
    backend.objects.delete(STATE_KEY);
    backend.objects.delete(headKey(1));
    expect(await readLedger(ports, { repair: true })).toEqual({ tag: "missing" });
  });

  it("finds a ledger lost when heads prove that there was one", async () => {
    await commit();
    await commit();
    const { receipt } = await readyLedger(ports);
    backend.objects.delete(STATE_KEY);
    const reading = await readLedger(ports, { repair: false });
    expect(reading).toMatchObject({
      tag: "lost",
      highest: { revision: 2 },
      receipt,
      diagnostics: [{ code: "state_lost", path: "__cluster/state.json" }],
    });
  });

  it("finds a ledger ready, with its receipt, marker and CAS (L9)", async () => {
    await commit();
    const reading = await readyLedger(ports);
    expect(reading).toMatchObject({ foreign: false, head_missing: false, diagnostics: [] });
    expect(reading.receipt?.graphs).toEqual(GRAPHS);
    expect(reading.cas).toBe(stateCas(backend.objects.get(STATE_KEY) ?? ""));
    expect(reading.marker?.commit_id).toBe(reading.identity.commit_id);
  });

  it("needs three reads in one wave after the document, and lists nothing (design 12)", async () => {
    await commit();
    const counted = faultyPorts(ports, () => false, "error");
    await readLedger(counted.ports, { repair: false });
    expect(counted.count()).toBe(4);
  });

  it("finds a ledger rolled back when an older copy stands in its place", async () => {
    await commit();
    const old = backend.objects.get(STATE_KEY) ?? new Uint8Array();
    await commit();
    await commit();
    backend.objects.set(STATE_KEY, old);
    for (const repair of [true, false]) {
      expect(await readLedger(ports, { repair })).toMatchObject({
        tag: "rolled_back",
        highest: { revision: 3 },
        diagnostics: [{ code: "state_rolled_back" }],
      });
    }
  });

  it("finds a ledger rolled back when its revision is another commit than its head", async () => {
    await commit();
    const base = await readyLedger(ports);
    const old = backend.objects.get(STATE_KEY) ?? new Uint8Array();
    await commit();
    const head = backend.objects.get(headKey(2)) ?? new Uint8Array();
    backend.objects.delete(headKey(2));
    backend.objects.set(STATE_KEY, old);
    await commitLedger(ports, base, base.state, sampleFacts());
    backend.objects.set(headKey(2), head);
    expect((await readLedger(ports, { repair: true })).tag).toBe("rolled_back");
  });

  it("supplies a missing head of the present revision when it repairs, and only reports it otherwise", async () => {
    await commit();
    backend.objects.delete(headKey(1));
    const looked = await readLedger(ports, { repair: false });
    expect(looked).toMatchObject({ tag: "ready", head_missing: true, repaired: false });
    expect(backend.objects.has(headKey(1))).toBe(false);
    expect(await readyLedger(ports)).toMatchObject({ head_missing: false, repaired: true });
    expect(backend.objects.has(headKey(1))).toBe(true);
  });

  it("refuses to let a commit build on a reading that repaired nothing", async () => {
    await commit();
    const looked = await readLedger(ports, { repair: false });
    if (looked.tag !== "ready") throw new Error(looked.tag);
    await expect(commitLedger(ports, looked, looked.state, sampleFacts())).rejects.toThrow(
      /taken for writing/,
    );
  });

  it("reports a damaged receipt, and warns of a missing one without refusing the ledger", async () => {
    await commit();
    const { identity } = await readyLedger(ports);
    const key = receiptKey(1, identity.commit_id);
    const receipt = new TextDecoder().decode(backend.objects.get(key));
    backend.objects.set(key, new TextEncoder().encode(receipt.replace("user:ada", "user:eve")));
    expect(await readLedger(ports, { repair: true })).toMatchObject({
      tag: "invalid",
      diagnostics: [{ code: "state_receipt_invalid", path: key }],
    });
    backend.objects.delete(key);
    expect(await readLedger(ports, { repair: true })).toMatchObject({
      tag: "ready",
      receipt: null,
      diagnostics: [{ code: "state_receipt_missing", severity: "warning" }],
    });
  });

  it("finds a fork when the resources were edited under the revision of a commit", async () => {
    await commit();
    const { state } = await readyLedger(ports);
    const applied_revision = { ...state.applied_revision, config_digest: null };
    backend.objects.set(STATE_KEY, Uint8Array.from(encodeLedger({ ...state, applied_revision })));
    expect(await readLedger(ports, { repair: true })).toMatchObject({
      tag: "forked",
      diagnostics: [{ code: "state_forked" }],
    });
  });

  it("passes on what is wrong with a document that is not valid", async () => {
    backend.objects.set(STATE_KEY, new TextEncoder().encode("{}"));
    expect(await readLedger(ports, { repair: true })).toMatchObject({
      tag: "invalid",
      diagnostics: [{ code: "invalid_state_json" }, { code: "invalid_state_json" }],
    });
  });

  it("never takes a failed read for absence or for a healthy ledger, whichever read fails (W4, design 4.7)", async () => {
    await commit();
    for (let call = 1; ; call += 1) {
      const faulty = faultyPorts(ports, (n) => n >= call, "error");
      const reading = await readLedger(faulty.ports, { repair: false });
      if (faulty.count() < call) break;
      expect(reading).toMatchObject({ tag: "unavailable", diagnostics: [{ code: "state_read_error" }] });
    }
    backend.objects.delete(STATE_KEY);
    const failing = faultyPorts(ports, (n) => n >= 2, "error");
    expect((await readLedger(failing.ports, { repair: false })).tag).toBe("unavailable");
  });

  it("does not mistake a commit that lands between two of its reads for a roll-back", async () => {
    await commit();
    let moved = false;
    const moving: TestPorts = {
      ...ports,
      ledger: {
        ...ports.ledger,
        read: async () => {
          const seen = await ports.ledger.read();
          if (!moved) {
            moved = true;
            await commit();
          }
          return seen;
        },
      },
    };
    expect(await readLedger(moving, { repair: false })).toMatchObject({
      tag: "ready",
      state: { state_revision: 2 },
    });
  });

  describe("that another tool has written", () => {
    it("makes one receipt for the whole range, on top of our last commit, with the parent's graphs", async () => {
      await commit();
      await writeForeign(3);
      const reading = await readyLedger(ports);
      expect(reading).toMatchObject({ foreign: true, head_missing: false, identity: { revision: 4 } });
      expect(reading.receipt).toMatchObject({
        kind: "foreign",
        parent_revision: 1,
        actor: null,
        run_id: null,
        at: null,
        graphs: GRAPHS,
      });
      expect(reading.identity.commit_id).toBe(foreignCommitId(reading.cas));
      expect(isUlid(reading.identity.commit_id)).toBe(true);
      await commit();
      expect((await historyOf(ports)).map((each) => [each.revision, each.kind])).toEqual([
        [5, "final"],
        [4, "foreign"],
        [1, "final"],
      ]);
    });

    it("writes nothing when it only looks, and shows the same commit that a writer would", async () => {
      await commit();
      await writeForeign();
      const before = [...backend.objects.keys()];
      const looked = await readLedger(ports, { repair: false });
      expect([...backend.objects.keys()]).toEqual(before);
      const repaired = await readyLedger(ports);
      expect(looked.tag === "ready" ? looked.identity : looked).toEqual(repaired.identity);
    });

    it("is the same for every client and every repeat", async () => {
      await commit();
      await writeForeign(2);
      const first = await readyLedger(ports);
      const second = await readyLedger(healthyPorts(backend, 3));
      expect(second.identity).toEqual(first.identity);
      expect(keysBelow("__graphform/receipts/")).toHaveLength(2);
      expect(keysBelow("__graphform/heads/")).toHaveLength(2);
    });

    it("names what changed since our last commit (U1)", async () => {
      await commit();
      const { state } = await readyLedger(ports);
      const { "policy.staff": _gone, ...resources } = state.applied_revision.resources;
      await writeForeign(1, { applied_revision: { config_digest: null, resources } });
      expect((await readyLedger(ports)).receipt?.changes).toEqual([
        {
          address: "policy.staff",
          operation: "delete",
          before_digest: state.applied_revision.resources["policy.staff"]?.digest,
          after_digest: null,
          operation_id: null,
        },
      ]);
    });

    it("continues the chain through a second foreign range", async () => {
      await commit();
      await writeForeign();
      await readyLedger(ports);
      await writeForeign();
      await commit();
      expect((await historyOf(ports)).map((each) => each.revision)).toEqual([4, 3, 2, 1]);
    });

    it("takes a ledger that never was ours as the beginning of the history", async () => {
      const state = { ...EMPTY_LEDGER, state_revision: 7 };
      backend.objects.set(STATE_KEY, Uint8Array.from(encodeLedger(state)));
      const reading = await readyLedger(ports);
      expect(reading).toMatchObject({
        foreign: true,
        marker: null,
        receipt: { parent_revision: null, graphs: {} },
      });
    });

    it("is rolled back when it has passed a commit of ours that it was not built on", async () => {
      await commit();
      const { state } = await readyLedger(ports);
      await commit();
      const passed = { ...state, state_revision: 3 };
      backend.objects.set(STATE_KEY, Uint8Array.from(encodeLedger(passed)));
      expect(await readLedger(ports, { repair: true })).toMatchObject({
        tag: "rolled_back",
        highest: { revision: 2 },
        diagnostics: [{ code: "state_rolled_back" }],
      });
    });

    it("is rolled back when it was built on an old copy of ours", async () => {
      await commit();
      const old = backend.objects.get(STATE_KEY) ?? new Uint8Array();
      await commit();
      backend.objects.set(STATE_KEY, old);
      const text = new TextDecoder()
        .decode(old)
        .replace('"state_revision": 1,\n  "applied', '"state_revision": 2,\n  "applied');
      backend.objects.set(STATE_KEY, new TextEncoder().encode(text));
      expect((await readLedger(ports, { repair: true })).tag).toBe("rolled_back");
    });
  });
});
