/** Evidence: its bytes, strictly read, and the only ways from one state to the next (design 8). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  consumed,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  reopened,
  reserved,
  revoked,
} from "../../lib/approval/evidence.ts";
import { EVIDENCE_BYTES_MAX } from "../../lib/approval/limits.ts";
import { policyAddress, schemaAddress } from "../../lib/desired/address.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { BOOKS, EVIDENCE, RESERVATION } from "./sample-approval.ts";

const GOLDEN = readFileSync(new URL("../golden/approval/evidence-1.json", import.meta.url), "utf8");
const NEXT = "01ARZ3NDEKTSV4RRFFQ69G5FC0";
const AT = "2026-01-03T00:00:00Z";
const RESERVED = reserved(EVIDENCE, RESERVATION, NEXT);
const REVOCATION = { by: "dana", at: AT, reason: null };

function textOf(evidence: Evidence): string {
  return Buffer.from(encodeEvidence(evidence)).toString("utf8");
}

function decode(text: string) {
  return decodeEvidence(Buffer.from(text, "utf8"));
}

describe("evidence", () => {
  test("is written exactly as the golden file has it, whatever the order of its fields, and read back", () => {
    const { format_version, approval_id, ...rest } = RESERVED;

    expect(textOf({ ...rest, approval_id, format_version })).toBe(GOLDEN);
    expect(decode(GOLDEN)).toEqual({ tag: "decoded", evidence: RESERVED });
  });

  test.each([
    ["open", EVIDENCE],
    ["consumed", consumed(RESERVED, RESERVATION.operation_id, AT, NEXT)],
    ["revoked", revoked(EVIDENCE, { ...REVOCATION, reason: "not this one" }, NEXT)],
    [
      "for data loss",
      { ...EVIDENCE, operation: "data_loss" as const, resource: schemaAddress(BOOKS), after_digest: "x" },
    ],
    [
      "of a policy, which has no graph and never expires",
      {
        ...EVIDENCE,
        ...{ operation: "access" as const, resource: policyAddress("staff"), graph: null, incarnation: null },
        ...{ manifest_version: null, rows: null, rows_written: null, reason: null, expires_at: null },
        state: { tag: "reserved" as const, reservation: { ...RESERVATION, graph: null, expect: null } },
      },
    ],
  ])("that is %s comes back unchanged", (_, evidence) => {
    expect(decode(textOf(evidence))).toEqual({ tag: "decoded", evidence });
  });

  test.each([
    ["is no JSON", "{"],
    ["is of a newer format", JSON.stringify({ ...EVIDENCE, format_version: 2 })],
    ["has an unknown field", JSON.stringify({ ...EVIDENCE, extra: 1 })],
    ["lacks a field", JSON.stringify({ ...EVIDENCE, tolerance: undefined })],
    ["has an unknown state", JSON.stringify({ ...EVIDENCE, state: { tag: "lost" } })],
    ["has a negative tolerance", JSON.stringify({ ...EVIDENCE, tolerance: -1 })],
    ["expires at no instant", JSON.stringify({ ...EVIDENCE, expires_at: "soon" })],
    ["is for an address that is none", JSON.stringify({ ...EVIDENCE, resource: "graph.../x" })],
    ["is for another graph than its address", JSON.stringify({ ...EVIDENCE, graph: "people" })],
    [
      "is for an operation that its address does not have",
      JSON.stringify({ ...EVIDENCE, operation: "purge" }),
    ],
    ["does not say which life of the graph", JSON.stringify({ ...EVIDENCE, incarnation: null })],
    ["is longer than any evidence", JSON.stringify({ ...EVIDENCE, reason: "x".repeat(EVIDENCE_BYTES_MAX) })],
    [
      "is reserved for another graph",
      textOf(reserved(EVIDENCE, { ...RESERVATION, graph: "people" as GraphId }, NEXT)),
    ],
    [
      "is reserved on no version of its graph",
      textOf(reserved(EVIDENCE, { ...RESERVATION, expect: null }, NEXT)),
    ],
  ])("that %s is refused", (_, text) => {
    expect(decode(text)).toMatchObject({ tag: "invalid", detail: expect.stringMatching(/./) });
  });
});

describe("an approval", () => {
  test("keeps what it binds through every state, and each version has bytes of its own", () => {
    const versions = [
      EVIDENCE,
      RESERVED,
      reopened(RESERVED, "01ARZ3NDEKTSV4RRFFQ69G5FC1"),
      consumed(RESERVED, RESERVATION.operation_id, AT, "01ARZ3NDEKTSV4RRFFQ69G5FC2"),
      revoked(EVIDENCE, REVOCATION, "01ARZ3NDEKTSV4RRFFQ69G5FC3"),
    ];

    expect(versions.map((each) => each.state.tag)).toEqual([
      "open",
      "reserved",
      "open",
      "consumed",
      "revoked",
    ]);
    expect(new Set(versions.map(textOf)).size).toBe(versions.length);
    for (const version of versions) {
      expect({ ...version, change_id: "", state: null }).toEqual({ ...EVIDENCE, change_id: "", state: null });
    }
  });

  test("is reserved and revoked only while it is open, consumed and opened again only while it is reserved", () => {
    const used = consumed(RESERVED, RESERVATION.operation_id, AT, NEXT);

    for (const evidence of [RESERVED, used, revoked(EVIDENCE, REVOCATION, NEXT)]) {
      expect(() => reserved(evidence, RESERVATION, NEXT)).toThrow("only an open approval");
      expect(() => revoked(evidence, REVOCATION, NEXT)).toThrow("only an open approval");
    }
    for (const evidence of [EVIDENCE, used]) {
      expect(() => reopened(evidence, NEXT)).toThrow("only a reserved approval");
      expect(() => consumed(evidence, RESERVATION.operation_id, AT, NEXT)).toThrow(
        "only a reserved approval",
      );
    }
  });
});
