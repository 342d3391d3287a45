/** Taking, keeping and giving back the lease, with OmniGraph's lock file. */
import { beforeEach, describe, expect, it } from "vitest";
import { commitLedger } from "../../lib/ledger/commit.ts";
import { LOCK_FILE_KEY, lockRecordKey } from "../../lib/ledger/keys.ts";
import { acquireLease, releaseLease, withLease } from "../../lib/ledger/lease.ts";
import { encodeLockFile } from "../../lib/ledger/lock-file.ts";
import { placeLockFile } from "../../lib/ledger/lock-placement.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { createSteppedClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import { FATES, faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { DURATION_MS, hold } from "./hold-request.ts";
import { sampleFacts, sampleLedger } from "./sample-ledger.ts";

describe("the lease", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  let other: TestPorts;
  beforeEach(() => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
    other = { ...healthyPorts(backend, 1, ports.clock) };
  });

  const lockText = (): string | null => {
    const bytes = backend.objects.get(LOCK_FILE_KEY);
    return bytes === undefined ? null : new TextDecoder().decode(bytes);
  };
  const putForeignLock = (lockId = "01JFFFFFFFFFFFFFFFFFFFFFFF"): void => {
    const created_at = "2026-01-02T03:00:00Z";
    backend.objects.set(
      LOCK_FILE_KEY,
      Uint8Array.from(
        encodeLockFile({ version: 1, lock_id: lockId, operation: "refresh", created_at, pid: 7 }),
      ),
    );
  };
  async function held(on: TestPorts = ports, request = hold()) {
    const acquired = await acquireLease(on, request);
    if (acquired.tag !== "held") throw new Error(JSON.stringify(acquired));
    return acquired;
  }

  it("writes the lock file in OmniGraph's exact form while it is held (spec/cluster 6)", async () => {
    const acquired = await held();
    expect(lockText()).toBe(
      `{\n  "version": 1,\n  "lock_id": "${acquired.lease.item.lock_id}",\n  "operation": "apply",\n  "created_at": "2026-01-02T03:04:05Z",\n  "pid": 42\n}`,
    );
  });

  it("records its lock id before the lock file and keeps the record for ever (design 4.2)", async () => {
    const acquired = await held();
    await releaseLease(ports, acquired);
    expect(backend.objects.has(lockRecordKey(acquired.lease.item.lock_id))).toBe(true);
    expect(lockText()).toBeNull();
    expect(backend.lease.holder).toBeNull();
  });

  it("is refused while another command holds it, with the id that force-unlock takes (K2)", async () => {
    const first = await held(other);
    const second = await acquireLease(ports, hold());
    expect(second.tag).toBe("busy");
    const message = second.tag === "busy" ? second.diagnostics[0] : undefined;
    expect(message).toMatchObject({ code: "state_lock_held", path: "__cluster/lock.json" });
    expect(message?.message).toContain(`force-unlock ${first.lease.item.lock_id}`);
  });

  it("waits for its holder as long as it may", async () => {
    const first = await held(other);
    const waiting = acquireLease(ports, hold({ wait_ms: 30_000 }));
    await new Promise((resolve) => setImmediate(resolve));
    await releaseLease(other, first);
    expect((await waiting).tag).toBe("held");
  });

  it("is taken over once its holder's deadline has passed, and says from whom (K5)", async () => {
    await held(other, hold({ owner: "sleeper:1" }));
    ports.clock.advance(DURATION_MS + 1);
    const acquired = await held();
    expect(acquired.lease.displaced?.owner).toBe("sleeper:1");
    expect(acquired.diagnostics.map((each) => each.code)).toEqual(["state_lock_taken_over"]);
    expect(lockText()).toContain(acquired.lease.item.lock_id);
    const record = backend.objects.get(`__graphform/locks/${acquired.lease.item.lock_id}.json`);
    expect(Buffer.from(record ?? []).toString("utf8")).toContain('"owner": "sleeper:1"');
  });

  it("of a holder that slept past its deadline leaves the lock file of its successor alone (K3)", async () => {
    const { lock_id } = (await held()).lease.item;
    const sleeper = await ports.lease.read();
    const asleep = sleeper.tag === "read" ? sleeper.holder : null;
    ports.clock.advance(DURATION_MS + 1);
    await held(other, hold({ owner: "successor:1" }));
    const before = lockText();

    const placed = await placeLockFile(ports, { item: asleep!, displaced: null }, 42);

    expect(asleep?.lock_id).toBe(lock_id);
    expect(placed.tag).toBe("failed");
    expect(lockText()).toBe(before);
  });

  it("has a token above the newest one in the ledger, even if the table was lost (K1)", async () => {
    await commitLedger(ports, { tag: "missing" }, sampleLedger(), sampleFacts({ token: 77 }));
    expect((await held()).lease.item.token).toBe(78);
  });

  it("counts a lock file that it does not know as OmniGraph's, and gives the lease back", async () => {
    putForeignLock();
    const acquired = await acquireLease(ports, hold());
    expect(acquired).toMatchObject({ tag: "busy", holder: null, diagnostics: [{ code: "state_lock_held" }] });
    expect(acquired.diagnostics[0]?.message).toContain("force-unlock 01JFFFFFFFFFFFFFFFFFFFFFFF");
    expect(backend.lease.holder).toBeNull();
    expect(lockText()).toContain("01JFFFFFFFFFFFFFFFFFFFFFFF");
  });

  it("counts a lock file that cannot be read, or whose id is no id, as another tool's (W35)", async () => {
    for (const content of ["{", '{"version":2}']) {
      backend.objects.set(LOCK_FILE_KEY, new TextEncoder().encode(content));
      expect((await acquireLease(ports, hold())).tag).toBe("busy");
      expect(lockText()).toBe(content);
    }
    putForeignLock("../../deployment");
    expect((await acquireLease(ports, hold())).tag).toBe("busy");
  });

  it("replaces a lock file that a crashed command of ours left behind, however long ago (design 4.2)", async () => {
    const crashed = await held(other);
    const leftover = backend.objects.get(LOCK_FILE_KEY) ?? new Uint8Array();
    await releaseLease(other, crashed);
    for (let n = 0; n < 40; n += 1) await releaseLease(other, await held(other));
    backend.objects.set(LOCK_FILE_KEY, leftover);
    const acquired = await held();
    expect(lockText()).toContain(acquired.lease.item.lock_id);
  });

  it("leaves out the lock file and nothing else when state.lock is false (design 4.2)", async () => {
    putForeignLock();
    const acquired = await held(ports, hold({ lock_file: false }));
    expect(acquired.lock_file).toBeNull();
    expect(acquired.diagnostics).toMatchObject([
      { code: "state_lock_disabled", path: "state.lock", severity: "warning" },
    ]);
    expect((await acquireLease(other, hold({ lock_file: false }))).tag).toBe("busy");
    expect(await releaseLease(ports, acquired)).toEqual([]);
    expect(lockText()).toContain("01JFFFFFFFFFFFFFFFFFFFFFFF");
  });

  it("never removes a successor's lock file or lease when it is released late (W9, K3)", async () => {
    const sleeper = await held(other);
    other.clock.advance(DURATION_MS + 1);
    const successor = await held();
    expect(await releaseLease(other, sleeper)).toEqual([]);
    expect(lockText()).toContain(successor.lease.item.lock_id);
    expect(backend.lease.holder?.lock_id).toBe(successor.lease.item.lock_id);
  });

  for (const fate of FATES) {
    it(`is taken and given back in spite of one ${fate} at any call, or fails and leaves nothing behind (K5)`, async () => {
      const outcomes = new Set<string>();
      for (let call = 1; call < 40; call += 1) {
        const world = createMemoryBackend();
        const faulty = faultyPorts(healthyPorts(world, 2), (n) => n === call, fate);
        const acquired = await acquireLease(faulty.ports, hold());
        outcomes.add(acquired.tag);
        if (acquired.tag === "held") expect(await releaseLease(faulty.ports, acquired)).toEqual([]);
        await faulty.flush();
        const successor = healthyPorts(world, 3);
        // A request that lands after its run has ended stands until its deadline, and no longer.
        if (fate === "late") successor.clock.advance(2 * DURATION_MS);
        else expect(world.lease.holder).toBeNull();
        expect((await acquireLease(successor, hold())).tag).toBe("held");
        if (faulty.count() < call) break;
      }
      expect([...outcomes]).toEqual(["held"]);
    });

    it(`is not left standing without a report when every call from some point on meets ${fate}`, async () => {
      for (let call = 1; call < 20; call += 1) {
        const world = createMemoryBackend();
        const faulty = faultyPorts(healthyPorts(world, 2), (n) => n >= call, fate);
        const acquired = await acquireLease(faulty.ports, hold());
        const diagnostics =
          acquired.tag === "held" ? await releaseLease(faulty.ports, acquired) : acquired.diagnostics;
        if (world.lease.holder !== null) {
          expect(diagnostics.map((each) => each.code)).toContain("state_lock_release_failed");
        }
        if (acquired.tag === "failed") expect(diagnostics[0]?.code).toBe("state_lock_error");
        if (faulty.count() < call) break;
      }
    });
  }

  it("is released when the body returns and when it throws", async () => {
    const ran = await withLease(ports, hold(), async (lease) => lease.token);
    expect(ran).toMatchObject({ tag: "ran", value: 1, diagnostics: [] });
    expect(lockText()).toBeNull();
    const thrown = withLease(ports, hold(), () => {
      throw new Error("a defect");
    });
    await expect(thrown).rejects.toThrow("a defect");
    expect(lockText()).toBeNull();
    expect(backend.lease.holder).toBeNull();
  });

  it("does not run the body when it is held by another", async () => {
    await held(other);
    let ran = false;
    const outcome = await withLease(ports, hold(), async () => {
      ran = true;
    });
    expect(outcome.tag).toBe("busy");
    expect(ran).toBe(false);
  });
});

describe("a lease that is renewed", () => {
  async function turns(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  function steppedPorts() {
    const backend = createMemoryBackend();
    const clock = createSteppedClock(Date.UTC(2026, 0, 1));
    return { backend, clock, ports: { ...openMemoryRoot(backend, clock), clock, ids: createCountingIds() } };
  }

  it("outlives its first deadline while the body works, and stops being renewed afterwards (K5)", async () => {
    const { backend, clock, ports } = steppedPorts();
    let finish = (): void => undefined;
    const working = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const run = withLease(ports, hold({ renew: true }), async (lease) => {
      await working;
      return lease.isLost();
    });
    await turns(5);
    for (let n = 0; n < 9; n += 1) {
      clock.advance(DURATION_MS / 3);
      await turns(5);
    }
    expect(Date.parse(backend.lease.holder?.deadline ?? "")).toBeGreaterThan(clock.nowMs());
    finish();
    expect(await run).toMatchObject({ tag: "ran", value: false });
    const after = backend.lease;
    clock.advance(DURATION_MS * 2);
    await turns(5);
    expect(backend.lease).toBe(after);
  });

  it("tells the body and the caller when it was broken by force (K3)", async () => {
    const { clock, ports } = steppedPorts();
    let finish = (): void => undefined;
    const working = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const run = withLease(ports, hold({ renew: true }), async (lease) => {
      await working;
      return lease.isLost();
    });
    await turns(5);
    const read = await ports.lease.read();
    if (read.tag === "read" && read.holder !== null) await ports.lease.break(read.holder.lock_id);
    clock.advance(DURATION_MS / 3);
    await turns(5);
    finish();
    expect(await run).toMatchObject({ tag: "ran", value: true, diagnostics: [{ code: "state_lock_lost" }] });
  });
});
