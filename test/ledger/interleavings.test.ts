/**
 * Random interleavings: several clients read and commit side by side, every store call is scheduled at random and may
 * meet a fault. Whatever happens, the history is one chain and every answer is true (L1, L3, L4, L5, L7, L8, S9).
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RunId } from "../../lib/digest/ids.ts";
import { type CommitResult, commitLedger } from "../../lib/ledger/commit.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { FATES, type FaultyPorts, faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { historyOf } from "./history-of.ts";
import { sampleFacts, sampleLedger } from "./sample-ledger.ts";

const RUNS = 150;
const CLIENTS = 3;
const COMMITS = 3;

function runId(client: number, commit: number): RunId {
  return `01K0000000000000000000${client}00${commit}` as RunId;
}

/** Every call of the ports waits for its turn. */
function scheduled(ports: TestPorts, scheduler: fc.Scheduler): TestPorts {
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...values: unknown[]) => {
          await scheduler.schedule(Promise.resolve(), String(name));
          return Reflect.apply(method, target, values);
        };
      },
    });
  return { ...ports, store: wrap(ports.store), ledger: wrap(ports.ledger), lease: wrap(ports.lease) };
}

async function work(
  ports: TestPorts,
  client: number,
  answers: Map<RunId, CommitResult["tag"]>,
): Promise<void> {
  for (let n = 0; n < COMMITS; n += 1) {
    const base = await readLedger(ports, { repair: true });
    if (base.tag !== "ready" && base.tag !== "missing") {
      // Without the lease a reader may see a ledger whose faults have not been settled; it stops, as a command would.
      expect(["unavailable", "rolled_back"]).toContain(base.tag);
      return;
    }
    const next = base.tag === "ready" ? base.state : sampleLedger();
    const id = runId(client, n);
    const result = await commitLedger(ports, base, next, sampleFacts({ run_id: id }));
    answers.set(id, result.tag);
    if (result.tag === "unknown") return;
  }
}

async function assess(
  backend: MemoryBackend,
  answers: ReadonlyMap<RunId, CommitResult["tag"]>,
): Promise<void> {
  const healthy = healthyPorts(backend, 9);
  if ((await readLedger(healthy, { repair: true })).tag === "missing") {
    expect([...answers.values()].every((tag) => tag !== "committed" && tag !== "superseded")).toBe(true);
    return;
  }
  const history = [...(await historyOf(healthy))].reverse();
  expect(history.map((receipt) => receipt.revision)).toEqual(history.map((_, index) => index + 1));
  for (const [id, tag] of answers) {
    const times = history.filter((receipt) => receipt.run_id === id).length;
    if (tag === "committed" || tag === "superseded") expect(times).toBe(1);
    else if (tag === "unknown") expect(times).toBeLessThanOrEqual(1);
    else expect(times).toBe(0);
  }
}

describe("clients that commit side by side", () => {
  it("leave one chain without gap or repeat and are told the truth, in any interleaving with any faults (L1, L3, L4, L5, L7, L8, S9)", async () => {
    const seen = new Set<string>();
    const faults = fc.array(fc.tuple(fc.nat(40), fc.constantFrom(...FATES)), {
      minLength: CLIENTS,
      maxLength: CLIENTS,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        faults,
        fc.integer({ min: 1, max: 9 }),
        async (scheduler, fates, width) => {
          const backend = createMemoryBackend();
          const answers = new Map<RunId, CommitResult["tag"]>();
          const clients = fates.map(([first, fate], client): FaultyPorts => {
            const isFaulty = (call: number): boolean => call >= first && call < first + width;
            return faultyPorts(healthyPorts(backend, client), isFaulty, fate);
          });
          const all = Promise.all(
            clients.map(({ ports }, client) => work(scheduled(ports, scheduler), client, answers)),
          );
          await scheduler.waitFor(all);
          for (const client of clients) await client.flush();
          await assess(backend, answers);
          for (const tag of answers.values()) seen.add(tag);
        },
      ),
      { numRuns: RUNS },
    );
    expect(seen.has("committed") && seen.has("refused")).toBe(true);
  });
});
