/**
 * The zombie rule at the ledger: a holder of the lease is stopped before each of its store calls in turn, its lease runs
 * out, a successor takes over and commits, and the holder goes on. It changes nothing (K4), and is told the truth.
 */
import { describe, expect, it } from "vitest";
import type { RunId } from "../../lib/digest/ids.ts";
import { commitLedger } from "../../lib/ledger/commit.ts";
import { type HoldRequest, withLease } from "../../lib/ledger/lease.ts";
import { readLedger } from "../../lib/ledger/read-ledger.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { historyOf } from "./history-of.ts";
import { sampleFacts, sampleLedger } from "./sample-ledger.ts";

const ZOMBIE = "01K00000000000000000000001" as RunId;
const SUCCESSOR = "01K00000000000000000000002" as RunId;
const DURATION_MS = 60_000;
const CALLS_MAX = 80;

function hold(run_id: RunId): HoldRequest {
  return {
    operation: "apply",
    run_id,
    owner: run_id,
    pid: 1,
    duration_ms: DURATION_MS,
    renew: false,
    wait_ms: 0,
    lock_file: true,
  };
}

async function run(ports: TestPorts, runId: RunId): Promise<string> {
  const ran = await withLease(ports, hold(runId), async ({ token }) => {
    const base = await readLedger(ports, { repair: true });
    if (base.tag !== "ready" && base.tag !== "missing") return base.tag;
    const next = base.tag === "ready" ? base.state : sampleLedger();
    return (await commitLedger(ports, base, next, sampleFacts({ run_id: runId, token }))).tag;
  });
  return ran.tag === "ran" ? ran.value : ran.tag;
}

/** Calls `before` before the call number `stopBefore` of any port is made. */
function interrupted(
  ports: TestPorts,
  stopBefore: number,
  before: () => Promise<void>,
): { ports: TestPorts; count: () => number } {
  let made = 0;
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...values: unknown[]) => {
          made += 1;
          if (made === stopBefore) await before();
          return Reflect.apply(method, target, values);
        };
      },
    });
  const { store, ledger, lease } = ports;
  return {
    ports: { ...ports, store: wrap(store), ledger: wrap(ledger), lease: wrap(lease) },
    count: () => made,
  };
}

describe("a holder that sleeps past its lease", () => {
  it("changes nothing that its successor has done and knows it, whenever it fell asleep (K1, K3, K4, L2, L4, L5)", async () => {
    const outcomes = new Set<string>();
    for (let stopBefore = 1; stopBefore < CALLS_MAX; stopBefore += 1) {
      const backend = createMemoryBackend();
      const first = healthyPorts(backend, 1);
      expect(await run(first, SUCCESSOR)).toBe("committed");
      const successor = healthyPorts(backend, 2, first.clock);
      let settled = new Map<string, Uint8Array>();
      let tokenBefore = 0;
      const zombie = interrupted(healthyPorts(backend, 3, first.clock), stopBefore, async () => {
        tokenBefore = backend.lease.token;
        first.clock.advance(2 * DURATION_MS);
        expect(await run(successor, SUCCESSOR)).toBe("committed");
        expect(backend.lease.token).toBeGreaterThan(tokenBefore);
        settled = new Map(backend.objects);
      });
      const outcome = await run(zombie.ports, ZOMBIE);
      if (zombie.count() < stopBefore) {
        expect(stopBefore).toBeGreaterThan(12);
        expect([...outcomes].sort()).toEqual(["committed", "refused"]);
        return;
      }
      outcomes.add(outcome);
      const runs = (await historyOf(first)).map((receipt) => receipt.run_id);
      const times = runs.filter((each) => each === ZOMBIE).length;
      expect(times).toBe(outcome === "committed" || outcome === "superseded" ? 1 : 0);
      expect(runs.filter((each) => each === SUCCESSOR)).toHaveLength(2);
      const changed = [...settled.keys()].filter((key) => backend.objects.get(key) !== settled.get(key));
      expect(changed.filter((key) => key !== STATE_KEY && !key.startsWith("__cluster/lock"))).toEqual([]);
    }
    throw new Error("the run never ended");
  });
});
