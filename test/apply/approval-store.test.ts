/** Approvals in the store: every change of one is conditional, and settled by who made what is there (design 8). */
import { describe, expect, test } from "vitest";
import {
  markArtifactConsumed,
  moveEvidence,
  readEvidence,
  type StoredEvidence,
} from "../../lib/apply/approvals/approval-store.ts";
import { decodeArtifact, encodeArtifact } from "../../lib/approval/artifact.ts";
import {
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  reopened,
  reserved,
  revoked,
} from "../../lib/approval/evidence.ts";
import type { ApprovalId } from "../../lib/digest/ids.ts";
import { ATTEMPTS_MAX } from "../../lib/ledger/limits.ts";
import { approvalKey, evidenceKey } from "../../lib/ledger/payload-key.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { APPROVAL, ARTIFACT, EVIDENCE, RESERVATION } from "../approval/sample-approval.ts";
import { FATES, type Fate, faultyPorts, healthyPorts, type TestPorts } from "../ledger/faulty-ports.ts";

const KEY = evidenceKey(APPROVAL);
const OTHER = "01ARZ3NDEKTSV4RRFFQ69G5FAW" as ApprovalId;
const AT = "2026-01-03T00:00:00Z";
const RESERVED = reserved(EVIDENCE, RESERVATION, "01ARZ3NDEKTSV4RRFFQ69G5FC0");
const REVOKED = revoked(EVIDENCE, { by: "dana", at: AT, reason: null }, "01ARZ3NDEKTSV4RRFFQ69G5FC1");

interface Approvals {
  readonly backend: MemoryBackend;
  readonly ports: TestPorts;
  readonly stored: StoredEvidence;
}

async function approvals(): Promise<Approvals> {
  const backend = createMemoryBackend();
  const ports = healthyPorts(backend, 0);
  backend.objects.set(KEY, encodeEvidence(EVIDENCE));
  backend.objects.set(approvalKey(APPROVAL), encodeArtifact(ARTIFACT));
  const read = await readEvidence(ports, new Set());
  if (read.tag !== "read" || read.evidence[0] === undefined) throw new Error("the evidence was not read");
  return { backend, ports, stored: read.evidence[0] };
}

function evidenceIn(backend: MemoryBackend): Evidence {
  const decoded = decodeEvidence(backend.objects.get(KEY) ?? new Uint8Array());
  if (decoded.tag === "invalid") throw new Error(decoded.detail);
  return decoded.evidence;
}

function consumedAt(backend: MemoryBackend): string | null {
  const decoded = decodeArtifact(backend.objects.get(approvalKey(APPROVAL)) ?? new Uint8Array());
  return decoded.tag === "decoded" ? decoded.artifact.consumed_at : "unreadable";
}

describe("a change of an approval", () => {
  test("replaces exactly the version that was read, and the next change builds on it", async () => {
    const { backend, ports, stored } = await approvals();

    const moved = await moveEvidence(ports, stored, RESERVED);
    expect(moved).toMatchObject({ tag: "moved", stored: { evidence: RESERVED, key: KEY } });
    if (moved.tag !== "moved") return;
    const again = reopened(RESERVED, "01ARZ3NDEKTSV4RRFFQ69G5FC2");
    expect((await moveEvidence(ports, moved.stored, again)).tag).toBe("moved");
    expect(evidenceIn(backend)).toEqual(again);
  });

  test("of two made at once exactly one happens, and the other sees it (C1)", async () => {
    const { backend, ports, stored } = await approvals();

    const [reserve, revoke] = await Promise.all([
      moveEvidence(ports, stored, RESERVED),
      moveEvidence(ports, stored, REVOKED),
    ]);
    expect([reserve.tag, revoke.tag].sort()).toEqual(["moved", "refused"]);
    const won = reserve.tag === "moved" ? RESERVED : REVOKED;
    expect(evidenceIn(backend)).toEqual(won);
    expect([reserve, revoke]).toContainEqual({
      tag: "refused",
      current: expect.objectContaining({ evidence: won }),
    });
  });

  test.each(FATES)("whose first answer meets the fate %s still happens, once", async (fate: Fate) => {
    const { backend, ports, stored } = await approvals();
    const faulty = faultyPorts(ports, (call) => call === 1, fate);

    expect(await moveEvidence(faulty.ports, stored, RESERVED)).toMatchObject({
      tag: "moved",
      stored: { evidence: RESERVED },
    });
    await faulty.flush();
    expect(evidenceIn(backend)).toEqual(RESERVED);
  });

  test.each([
    ["is never answered and does not happen", "lost"],
    ["always fails", "error"],
    ["always conflicts", "conflict"],
  ] as const)("that %s ends unknown and says why", async (_, fate) => {
    const { backend, ports, stored } = await approvals();
    const faulty = faultyPorts(ports, (call) => call <= ATTEMPTS_MAX, fate);

    expect(await moveEvidence(faulty.ports, stored, RESERVED)).toMatchObject({
      tag: "unknown",
      reason: expect.stringMatching(/planted|decided nothing/),
    });
    expect(evidenceIn(backend)).toEqual(EVIDENCE);
  });

  test("whose puts arrive late is unknown until they do, and changes nothing after somebody else's change", async () => {
    for (const overtaken of [false, true]) {
      const { backend, ports, stored } = await approvals();
      const faulty = faultyPorts(ports, (call) => call <= ATTEMPTS_MAX, "late");
      expect((await moveEvidence(faulty.ports, stored, RESERVED)).tag).toBe("unknown");

      if (overtaken) await moveEvidence(ports, stored, REVOKED);
      await faulty.flush();
      expect(evidenceIn(backend)).toEqual(overtaken ? REVOKED : RESERVED);
    }
  });

  test("whose late put finds the approval opened again does not reserve it a second time", async () => {
    const { backend, ports, stored } = await approvals();
    const faulty = faultyPorts(ports, (call) => call === 1, "late");
    const moved = await moveEvidence(faulty.ports, stored, RESERVED);
    if (moved.tag !== "moved") throw new Error("the second attempt was not answered");
    const again = reopened(RESERVED, "01ARZ3NDEKTSV4RRFFQ69G5FC2");
    await moveEvidence(ports, moved.stored, again);

    await faulty.flush();
    expect(evidenceIn(backend)).toEqual(again);
  });

  test("is refused where the evidence is gone or damaged, and unknown where it cannot be read back", async () => {
    const gone = await approvals();
    gone.backend.objects.delete(KEY);
    expect(await moveEvidence(gone.ports, gone.stored, RESERVED)).toEqual({ tag: "refused", current: null });

    const damaged = await approvals();
    damaged.backend.objects.set(KEY, Buffer.from("{"));
    expect(await moveEvidence(damaged.ports, damaged.stored, RESERVED)).toEqual({
      tag: "refused",
      current: null,
    });

    const unread = await approvals();
    unread.backend.objects.set(KEY, encodeEvidence(REVOKED));
    const faulty = faultyPorts(unread.ports, (call) => call > 1, "error");
    expect((await moveEvidence(faulty.ports, unread.stored, RESERVED)).tag).toBe("unknown");
  });
});

describe("reading all evidence", () => {
  test("leaves out what it is told to skip without fetching it", async () => {
    const { ports } = await approvals();
    const counting = faultyPorts(ports, () => false, "error");

    expect(await readEvidence(counting.ports, new Set([APPROVAL]))).toMatchObject({
      tag: "read",
      evidence: [],
    });
    expect(counting.count()).toBe(1);
  });

  test("warns of what it cannot read or what lies under another name, and leaves it in place", async () => {
    const { backend, ports } = await approvals();
    backend.objects.set(evidenceKey(OTHER), encodeEvidence(EVIDENCE));
    backend.objects.set(`${KEY}.old.json`, Buffer.from("{"));

    const read = await readEvidence(ports, new Set());
    expect(read).toMatchObject({
      tag: "read",
      evidence: [{ key: KEY }],
      diagnostics: [
        { code: "invalid_approval_evidence", severity: "warning", path: `${KEY}.old.json` },
        { code: "invalid_approval_evidence", message: expect.stringContaining(`evidence of ${APPROVAL}`) },
      ],
    });
    expect(backend.objects.size).toBe(4);
  });

  test("outlasts a call that fails, and is unavailable rather than incomplete", async () => {
    const { ports } = await approvals();
    for (const call of [1, 2]) {
      const once = faultyPorts(ports, (made) => made === call, "error");
      expect(await readEvidence(once.ports, new Set())).toMatchObject({
        tag: "read",
        evidence: [{ key: KEY }],
      });
      const down = faultyPorts(ports, (made) => made >= call, "error");
      expect(await readEvidence(down.ports, new Set())).toMatchObject({ tag: "unavailable" });
    }
  });
});

describe("the artifact of a spent approval", () => {
  test.each(FATES)("says when it was spent, also if a call meets the fate %s", async (fate: Fate) => {
    for (const call of [1, 2]) {
      const { backend, ports } = await approvals();
      const faulty = faultyPorts(ports, (made) => made === call, fate);

      expect(await markArtifactConsumed(faulty.ports, APPROVAL, AT)).toBe(true);
      await faulty.flush();
      expect(consumedAt(backend)).toBe(AT);
    }
  });

  test("keeps the first instant, and everything else that OmniGraph wrote", async () => {
    const { backend, ports } = await approvals();
    await markArtifactConsumed(ports, APPROVAL, AT);

    expect(await markArtifactConsumed(ports, APPROVAL, "2027-01-01T00:00:00Z")).toBe(true);
    expect(Buffer.from(backend.objects.get(approvalKey(APPROVAL)) ?? []).toString("utf8")).toBe(
      Buffer.from(encodeArtifact({ ...ARTIFACT, consumed_at: AT })).toString("utf8"),
    );
  });

  test("stays as it is where it is missing, unreadable or out of reach", async () => {
    const { backend, ports } = await approvals();
    expect(await markArtifactConsumed(ports, OTHER, AT)).toBe(false);
    const down = faultyPorts(ports, (call) => call % 2 === 0, "error");
    expect(await markArtifactConsumed(down.ports, APPROVAL, AT)).toBe(false);
    expect(consumedAt(backend)).toBeNull();

    backend.objects.set(approvalKey(APPROVAL), Buffer.from('{"schema_version": 2}'));
    expect(await markArtifactConsumed(ports, APPROVAL, AT)).toBe(false);
  });
});
