/** The commit of the ledger, under every fate of every store call. */
import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { stateCas } from "../../lib/digest/digest.ts";
import type { OperationId, RunId } from "../../lib/digest/ids.ts";
import { encodeLedger } from "../../lib/ledger/codec.ts";
import { type CommitResult, commitLedger } from "../../lib/ledger/commit.ts";
import { headKey, receiptKey } from "../../lib/ledger/keys.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import type { CommitBase } from "../../lib/ledger/reading.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { FATES, faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { historyOf, readyLedger } from "./history-of.ts";
import { EMPTY_LEDGER, sampleFacts, sampleLedger } from "./sample-ledger.ts";

const VICTIM = "01K00000000000000000000001" as RunId;
const OTHER = "01K00000000000000000000002" as RunId;
const CALLS_MAX = 60;

async function commitAs(ports: TestPorts, runId: RunId, base?: CommitBase): Promise<CommitResult> {
  const on = base ?? (await readLedger(ports, { repair: true }));
  if (on.tag !== "ready" && on.tag !== "missing") throw new Error(`the ledger is ${on.tag}`);
  const next: LedgerState = on.tag === "ready" ? on.state : sampleLedger();
  return commitLedger(ports, on, next, sampleFacts({ run_id: runId }));
}

async function runsOf(ports: TestPorts): Promise<readonly (RunId | null)[]> {
  return (await historyOf(ports)).map((receipt) => receipt.run_id).reverse();
}

describe("a commit", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  beforeEach(() => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
  });

  it("makes revision 1 of a cluster that has no ledger, with receipt and head (L1)", async () => {
    const result = await commitLedger(ports, { tag: "missing" }, sampleLedger(), sampleFacts());
    expect(result.tag).toBe("committed");
    const reading = await readyLedger(ports);
    expect(reading.state.state_revision).toBe(1);
    expect(reading.identity.revision).toBe(1);
    expect(backend.objects.has(headKey(1))).toBe(true);
    expect(backend.objects.has(receiptKey(1, reading.identity.commit_id))).toBe(true);
  });

  it("is sent only once everything is stored that it names, with its receipt put meanwhile (L9)", async () => {
    let clear: (value: boolean) => void = () => undefined;
    const cleared = new Promise<boolean>((resolve) => {
      clear = resolve;
    });
    const committing = commitLedger(ports, { tag: "missing" }, sampleLedger(), sampleFacts(), cleared);
    while (![...backend.objects.keys()].some((key) => key.startsWith("__graphform/receipts/"))) await turn();
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(backend.objects.has(STATE_KEY)).toBe(false);

    clear(true);

    expect((await committing).tag).toBe("committed");
    expect(backend.objects.has(STATE_KEY)).toBe(true);
  });

  it("is never sent if that could not be stored, and its receipt is no history (L5)", async () => {
    await commitAs(ports, OTHER);
    const before = await readyLedger(ports);

    const withheld = Promise.resolve(false);
    const result = await commitLedger(ports, before, before.state, sampleFacts({ run_id: VICTIM }), withheld);

    expect(result.tag).toBe("unsent");
    expect((await readyLedger(ports)).identity).toEqual(before.identity);
    await commitAs(ports, OTHER);
    expect(await runsOf(ports)).toEqual([OTHER, OTHER]);
  });

  it("hands back the reading that the next commit builds on, equal to what a reader finds (L3)", async () => {
    const first = await commitAs(ports, VICTIM);
    if (first.tag !== "committed") throw new Error(first.tag);
    expect(first.reading).toEqual(await readyLedger(ports));
    const second = await commitLedger(ports, first.reading, first.reading.state, sampleFacts());
    expect(second.tag === "committed" ? second.reading.state.state_revision : second).toBe(2);
  });

  it("chains its receipt to the parent's, so that the history can be checked link by link (S9, U1)", async () => {
    await commitAs(ports, VICTIM);
    const before = await readyLedger(ports);
    await commitAs(ports, OTHER);
    const [second, first] = await historyOf(ports);
    expect(second).toMatchObject({
      revision: 2,
      parent_revision: 1,
      parent_commit_id: first?.commit_id,
      parent_receipt_digest: before.identity.receipt_digest,
      state_cas_before: before.cas,
      run_id: OTHER,
      actor: "user:ada",
    });
  });

  it("records for every change which operation made it at which revision (S6, U1)", async () => {
    const change = {
      address: "schema.shop",
      operation: "create",
      before_digest: null,
      after_digest: "digest",
      operation_id: "01K0000000000000000000000Z" as OperationId,
    } as const;
    const facts = sampleFacts({ changes: [change], run_id: VICTIM });
    await commitLedger(ports, { tag: "missing" }, sampleLedger(), facts);
    const [receipt] = await historyOf(ports);
    expect(receipt).toMatchObject({ revision: 1, run_id: VICTIM, changes: [change] });
  });

  it("is refused when another has committed on its base, and is in no revision then (L3, L5)", async () => {
    await commitAs(ports, OTHER);
    const base = await readyLedger(ports);
    await commitAs(healthyPorts(backend, 1), OTHER, base);
    const result = await commitAs(ports, VICTIM, base);
    expect(result.tag).toBe("refused");
    expect(result.tag === "refused" ? result.diagnostics[0]?.code : result).toBe("state_cas_mismatch");
    expect(await runsOf(ports)).toEqual([OTHER, OTHER]);
  });

  it("gets a new commit id for every attempt on a new base (L7)", async () => {
    await commitAs(ports, OTHER);
    const base = await readyLedger(ports);
    await commitAs(healthyPorts(backend, 1), OTHER, base);
    await commitAs(ports, VICTIM, base);
    await commitAs(ports, VICTIM);
    const receipts = [...backend.objects.keys()].filter((key) => key.startsWith("__graphform/receipts/"));
    expect(new Set(receipts.map((key) => key.slice(-31))).size).toBe(receipts.length);
    expect(receipts).toHaveLength(4);
  });

  it("is not sent when the new ledger is not valid", async () => {
    const bad = { ...EMPTY_LEDGER, resource_statuses: { "graph.../x": { status: "applied" as const } } };
    const result = await commitLedger(ports, { tag: "missing" }, bad, sampleFacts());
    expect(result.tag === "unsent" ? result.diagnostics[0]?.code : result).toBe("state_address_invalid");
    expect(backend.objects.size).toBe(0);
  });

  for (const fate of FATES) {
    for (const persistent of [false, true]) {
      for (const rival of [false, true]) {
        const when = persistent ? "from every call on" : "at every single call";
        it(`answers truly when ${fate} strikes ${when}${rival ? " and a rival commits afterwards" : ""} (L4, L5, L6, L7, A7)`, async () => {
          let reached = 0;
          for (let call = 1; call <= CALLS_MAX; call += 1) {
            const world = createMemoryBackend();
            const healthy = healthyPorts(world, 1);
            await commitAs(healthy, OTHER);
            const base = await readyLedger(healthy);
            const faulty = faultyPorts(
              healthyPorts(world, 2),
              (n) => (persistent ? n >= call : n === call),
              fate,
            );
            const result = await commitAs(faulty.ports, VICTIM, base);
            if (faulty.count() < call) break;
            reached = call;
            if (rival) {
              expect((await commitAs(healthy, OTHER)).tag).toBe("committed");
            }
            await faulty.flush();
            const runs = await runsOf(healthy);
            const times = runs.filter((run) => run === VICTIM).length;
            expect(times).toBeLessThanOrEqual(1);
            if (result.tag === "committed" || result.tag === "superseded") expect(times).toBe(1);
            if (result.tag === "refused" || result.tag === "unsent") expect(times).toBe(0);
            expect((await commitAs(healthy, OTHER)).tag).toBe("committed");
          }
          expect(reached).toBeGreaterThanOrEqual(3);
        });
      }
    }
  }

  it("heals every single fault by itself, whatever it is", async () => {
    for (const fate of FATES) {
      for (let call = 1; call <= CALLS_MAX; call += 1) {
        const world = createMemoryBackend();
        await commitAs(healthyPorts(world, 1), OTHER);
        const base = await readyLedger(healthyPorts(world, 1));
        const faulty = faultyPorts(healthyPorts(world, 2), (n) => n === call, fate);
        const result = await commitAs(faulty.ports, VICTIM, base);
        expect(result.tag).toBe("committed");
        if (faulty.count() < call) break;
      }
    }
  });

  it("recognises its own write when its answer was lost and others have built on it (superseded, L4)", async () => {
    await commitAs(ports, OTHER);
    const base = await readyLedger(ports);
    const rival = healthyPorts(backend, 1);
    const victim = healthyPorts(backend, 2);
    const lossy: TestPorts = {
      ...victim,
      ledger: {
        read: () => victim.ledger.read(),
        commit: async (commit) => {
          const outcome = await victim.ledger.commit(commit);
          if (outcome.tag !== "done") return outcome;
          for (let n = 0; n < 3; n += 1) await commitAs(rival, OTHER);
          return { tag: "ambiguous", reason: "the connection closed" };
        },
      },
    };
    expect(await commitAs(lossy, VICTIM, base)).toMatchObject({ tag: "superseded", revision: 2 });
    expect(await runsOf(ports)).toEqual([OTHER, VICTIM, OTHER, OTHER, OTHER]);
  });

  it("ends as unknown, and never as refused, while its write may still land (L6)", async () => {
    await commitAs(ports, OTHER);
    const base = await readyLedger(ports);
    const victim = healthyPorts(backend, 2);
    const silent: TestPorts = {
      ...victim,
      ledger: { ...victim.ledger, commit: async () => ({ tag: "ambiguous", reason: "timed out" }) },
    };
    const result = await commitAs(silent, VICTIM, base);
    expect(result.tag).toBe("unknown");
    expect(result.tag === "unknown" ? result.diagnostics[0]?.code : result).toBe("state_outcome_unknown");
  });

  it("says that its head is missing when only the head could not be put, and the next writer supplies it (L9)", async () => {
    await commitAs(ports, OTHER);
    const base = await readyLedger(ports);
    const victim = healthyPorts(backend, 2);
    const headless: TestPorts = {
      ...victim,
      store: {
        ...victim.store,
        putIfAbsent: async (key, bytes) =>
          key.startsWith("__graphform/heads/")
            ? { tag: "unavailable", reason: "no" }
            : victim.store.putIfAbsent(key, bytes),
      },
    };
    const result = await commitAs(headless, VICTIM, base);
    expect(result.tag === "committed" ? result.reading.head_missing : result).toBe(true);
    if (result.tag !== "committed") return;
    expect((await commitAs(headless, VICTIM, result.reading)).tag).toBe("unsent");
    expect(backend.objects.has(headKey(2))).toBe(false);
    expect((await readyLedger(ports)).head_missing).toBe(false);
    expect(backend.objects.has(headKey(2))).toBe(true);
  });

  it("ends as unknown with state_rolled_back when another commit's head stands at its revision", async () => {
    await commitAs(ports, OTHER);
    const old = backend.objects.get(STATE_KEY);
    const base = await readyLedger(ports);
    await commitAs(healthyPorts(backend, 1), OTHER, base);
    backend.objects.set(STATE_KEY, old ?? new Uint8Array());
    const result = await commitAs(ports, VICTIM, base);
    expect(result).toMatchObject({ tag: "unknown", diagnostics: [{ code: "state_rolled_back" }] });
  });

  it("rebuilds a lost ledger above the highest head, as import does", async () => {
    await commitAs(ports, OTHER);
    await commitAs(ports, OTHER);
    backend.objects.delete(STATE_KEY);
    const lost = await readLedger(ports, { repair: true });
    if (lost.tag !== "lost") throw new Error(lost.tag);
    const result = await commitLedger(
      ports,
      lost,
      sampleLedger(),
      sampleFacts({ kind: "import", run_id: VICTIM }),
    );
    expect(result.tag === "committed" ? result.reading.state.state_revision : result).toBe(3);
    expect(await runsOf(ports)).toEqual([OTHER, OTHER, VICTIM]);
  });

  it("rebuilds a ledger that was rolled back, over the old document and above the highest head", async () => {
    await commitAs(ports, OTHER);
    const old = backend.objects.get(STATE_KEY) ?? new Uint8Array();
    await commitAs(ports, OTHER);
    await commitAs(ports, OTHER);
    backend.objects.set(STATE_KEY, old);
    const reading = await readLedger(ports, { repair: true });
    if (reading.tag !== "rolled_back") throw new Error(reading.tag);
    const result = await commitLedger(
      ports,
      reading,
      reading.state,
      sampleFacts({ kind: "import", run_id: VICTIM }),
    );
    expect(result.tag === "committed" ? result.reading.state.state_revision : result).toBe(4);
    expect((await historyOf(ports))[0]?.state_cas_before).toBe(stateCas(old));
  });

  it("rebuilds above a document of another tool that passed a commit of ours", async () => {
    await commitAs(ports, OTHER);
    const { state } = await readyLedger(ports);
    await commitAs(ports, OTHER);
    const passed = encodeLedger({ ...state, state_revision: 8 });
    backend.objects.set(STATE_KEY, Uint8Array.from(passed));
    const reading = await readLedger(ports, { repair: true });
    if (reading.tag !== "rolled_back") throw new Error(reading.tag);
    const result = await commitLedger(
      ports,
      reading,
      reading.state,
      sampleFacts({ kind: "import", run_id: VICTIM }),
    );
    expect(result.tag === "committed" ? result.reading.state.state_revision : result).toBe(9);
    expect((await historyOf(ports)).map((receipt) => receipt.revision)).toEqual([9, 2, 1]);
  });

  it("keeps the content and replaces only revision and marker", async () => {
    const first = await commitAs(ports, OTHER);
    if (first.tag !== "committed") throw new Error(first.tag);
    const { observations, ...rest } = first.reading.state;
    expect({ ...rest, state_revision: 0, observations: {} }).toEqual(sampleLedger());
    expect(Object.keys(observations)).toEqual(["graphform"]);
    expect(backend.objects.get(STATE_KEY)).toEqual(Uint8Array.from(encodeLedger(first.reading.state)));
  });
});
