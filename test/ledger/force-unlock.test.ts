/** Ending a holding by force. */
import { beforeEach, describe, expect, it } from "vitest";
import type { LockId } from "../../lib/digest/ids.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { LOCK_FILE_KEY } from "../../lib/ledger/keys.ts";
import { acquireLease } from "../../lib/ledger/lease.ts";
import { RECORD_TEXT_MAX } from "../../lib/ledger/limits.ts";
import { encodeLockFile } from "../../lib/ledger/lock-file.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { faultyPorts, healthyPorts, type TestPorts } from "./faulty-ports.ts";
import { hold } from "./hold-request.ts";

describe("force-unlock", () => {
  let backend: MemoryBackend;
  let ports: TestPorts;
  beforeEach(() => {
    backend = createMemoryBackend();
    ports = healthyPorts(backend, 0);
  });
  const unlock = (lockId: string) =>
    forceUnlock(ports, { lock_id: lockId, actor: "user:ada", reason: "it died" });
  const records = (): readonly string[] =>
    [...backend.objects.keys()].filter((key) => key.startsWith("__graphform/unlocks/"));

  it("ends a holding by its id, raises the token, and records who did it and why (K3, U1)", async () => {
    const acquired = await acquireLease(ports, hold());
    if (acquired.tag !== "held") throw new Error(acquired.tag);
    const { lock_id, token } = acquired.lease.item;
    const result = await unlock(lock_id);
    expect(result).toMatchObject({ ok: true, lock_removed: true, lease_broken: true, lock: { lock_id } });
    expect(backend.objects.has(LOCK_FILE_KEY)).toBe(false);
    expect(backend.lease).toMatchObject({ holder: null, token: token + 1 });
    const record = JSON.parse(new TextDecoder().decode(backend.objects.get(records()[0] ?? "")));
    expect(record).toMatchObject({
      lock_id,
      actor: "user:ada",
      reason: "it died",
      lease: { owner: "laptop:42" },
    });
    const next = await acquireLease(ports, hold());
    expect(next.tag === "held" ? next.lease.item.token : next).toBe(token + 2);
  });

  it("removes OmniGraph's lock by its id and leaves a lease of ours alone", async () => {
    const acquired = await acquireLease(ports, hold({ lock_file: false }));
    const created_at = "2026-01-02T03:00:00Z";
    const lock_id = "01JFFFFFFFFFFFFFFFFFFFFFFF";
    await ports.store.putIfAbsent(
      LOCK_FILE_KEY,
      encodeLockFile({ version: 1, lock_id, operation: "plan", created_at, pid: 1 }),
    );
    expect(await unlock(lock_id)).toMatchObject({ ok: true, lock_removed: true, lease_broken: false });
    expect(backend.lease.holder?.lock_id).toBe(acquired.tag === "held" ? acquired.lease.item.lock_id : "");
  });

  it("changes nothing when the id is not the lock's", async () => {
    const acquired = await acquireLease(ports, hold());
    const result = await unlock("01JFFFFFFFFFFFFFFFFFFFFFFF");
    expect(result).toMatchObject({
      ok: false,
      lock_removed: false,
      diagnostics: [{ code: "state_lock_id_mismatch" }],
    });
    expect(backend.lease.holder?.lock_id).toBe(acquired.tag === "held" ? acquired.lease.item.lock_id : "");
    expect(records()).toEqual([]);
  });

  it.each([
    ["a line end", "stuck\nPlan: 0 to delete."],
    ["a separator of lines", "stuck\u2028Plan"],
    ["an order to a terminal", "\u001b]52;c;aGk=\u0007"],
    ["half a character", "stuck\ud800"],
    ["more than is kept", "x".repeat(RECORD_TEXT_MAX + 1)],
  ])("changes nothing for a reason or a name with %s", async (_, text) => {
    const acquired = await acquireLease(ports, hold());
    const lock_id = acquired.tag === "held" ? acquired.lease.item.lock_id : "";
    for (const [path, who] of [
      ["--reason", { actor: "user:ada", reason: text }],
      ["--as", { actor: text, reason: "it died" }],
    ] as const) {
      expect(await forceUnlock(ports, { lock_id, ...who })).toMatchObject({
        ok: false,
        lease_broken: false,
        diagnostics: [{ code: "approval_text_invalid", path }],
      });
    }
    expect(backend.lease.holder?.lock_id).toBe(lock_id);
    expect(records()).toEqual([]);
  });

  it("says that there is no lock when there is none", async () => {
    expect(await unlock("01JFFFFFFFFFFFFFFFFFFFFFFF")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "state_lock_missing", path: "__cluster/lock.json" }],
    });
  });

  it("leaves a lock file that is not valid or too new where it is", async () => {
    for (const [content, code] of [
      ["oops", "invalid_state_lock"],
      [
        '{"version":1,"lock_id":"a","operation":"apply","created_at":"x","pid":1,"host":"h"}',
        "invalid_state_lock",
      ],
      ['{"version":2,"more":1}', "unsupported_state_lock_version"],
    ] as const) {
      backend.objects.set(LOCK_FILE_KEY, new TextEncoder().encode(content));
      expect(await unlock("a")).toMatchObject({ ok: false, diagnostics: [{ code, severity: "error" }] });
      expect(backend.objects.has(LOCK_FILE_KEY)).toBe(true);
    }
  });

  it("breaks nothing when who and why cannot be recorded (U1)", async () => {
    const acquired = await acquireLease(ports, hold());
    const lockId = (acquired.tag === "held" ? acquired.lease.item.lock_id : "") as LockId;
    const faulty = faultyPorts(ports, (call) => call > 2, "error");
    const result = await forceUnlock(faulty.ports, { lock_id: lockId, actor: null, reason: null });
    expect(result).toMatchObject({ ok: false, diagnostics: [{ code: "state_lock_error" }] });
    expect(backend.lease.holder?.lock_id).toBe(lockId);
  });
});
