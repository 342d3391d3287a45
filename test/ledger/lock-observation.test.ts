/** What status and plan see of the lock. */
import { beforeEach, describe, expect, it } from "vitest";
import { LOCK_FILE_KEY } from "../../lib/ledger/keys.ts";
import { acquireLease } from "../../lib/ledger/lease.ts";
import { encodeLockFile } from "../../lib/ledger/lock-file.ts";
import { observeLock } from "../../lib/ledger/lock-observation.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { DURATION_MS, hold } from "./hold-request.ts";

describe("looking at the lock", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  beforeEach(() => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
  });

  it("shows what the lock file says and how old it is (spec/cluster 6)", async () => {
    const acquired = await acquireLease(ports, hold());
    ports.clock.advance(12_900);
    const seen = await observeLock(ports);
    expect(seen).toMatchObject({ locked: true, lock: { operation: "apply", pid: 42 }, lock_age_seconds: 12 });
    expect(seen.holder?.lock_id).toBe(acquired.tag === "held" ? acquired.lease.item.lock_id : "");
  });

  it("shows no holder once the deadline has passed, and no lock where there is none", async () => {
    await acquireLease(ports, hold({ lock_file: false }));
    ports.clock.advance(DURATION_MS + 1);
    expect(await observeLock(ports)).toEqual({
      locked: false,
      lock: null,
      lock_age_seconds: null,
      holder: null,
      diagnostics: [],
    });
  });

  it("says of the lock file of a holder that is gone that it holds nobody up (K5)", async () => {
    const acquired = await acquireLease(ports, hold());
    ports.clock.advance(DURATION_MS + 1);
    const seen = await observeLock(ports);
    expect(seen).toMatchObject({ locked: true, holder: null });
    expect(seen.diagnostics.map((each) => [each.code, each.severity])).toEqual([
      ["state_lock_left_over", "warning"],
    ]);
    const ended = acquired.tag === "held" ? acquired.lease.item.deadline : "";
    expect(seen.diagnostics[0]?.message).toContain(`ended at ${ended}`);
    const replaced = encodeLockFile({
      version: 1,
      lock_id: "another",
      operation: "plan",
      created_at: ended,
      pid: 1,
    });
    backend.objects.set(LOCK_FILE_KEY, Uint8Array.from(replaced));
    expect((await observeLock(ports)).diagnostics).toEqual([]);
  });

  it("warns of a lock file that it cannot use, and never below an age of zero", async () => {
    backend.objects.set(LOCK_FILE_KEY, new TextEncoder().encode("oops"));
    expect(await observeLock(ports)).toMatchObject({
      locked: true,
      lock: null,
      diagnostics: [{ code: "invalid_state_lock", severity: "warning" }],
    });
    const lock = {
      version: 1,
      lock_id: "x",
      operation: "plan",
      created_at: "2099-01-01T00:00:00Z",
      pid: 1,
    } as const;
    backend.objects.set(LOCK_FILE_KEY, Uint8Array.from(encodeLockFile(lock)));
    expect((await observeLock(ports)).lock_age_seconds).toBe(0);
  });

  it("warns when lock file or lease cannot be read, instead of showing no lock", async () => {
    const faulty = faultyPorts(ports, () => true, "error");
    const seen = await observeLock(faulty.ports);
    expect(seen.diagnostics.map((each) => [each.code, each.severity])).toEqual([
      ["state_lock_read_error", "warning"],
      ["state_lock_read_error", "warning"],
    ]);
  });
});
