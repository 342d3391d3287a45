/** Keys of OmniGraph's objects beside the ledger. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { ApprovalId, OperationId } from "../../lib/digest/ids.ts";
import {
  approvalIdOf,
  approvalKey,
  evidenceIdOf,
  evidenceKey,
  payloadKey,
  sidecarIdOf,
  sidecarKey,
} from "../../lib/ledger/payload-key.ts";

const DIGEST = sha256("payload");
const ULID = "01J0000000000000000000000C";

describe("the key of a payload", () => {
  it("follows OmniGraph's layout (spec/cluster 5.1)", () => {
    expect(payloadKey("query.shop.by_name", DIGEST)).toBe(
      `__cluster/resources/query/shop/by_name/${DIGEST}.gq`,
    );
    expect(payloadKey("policy.staff", DIGEST)).toBe(`__cluster/resources/policy/staff/${DIGEST}.yaml`);
  });

  it("does not exist for kinds without a payload", () => {
    for (const address of ["graph.shop", "schema.shop", "provider.embedding.small"]) {
      expect(payloadKey(address, DIGEST)).toBeNull();
    }
  });

  it("never leaves its folder, whatever a ledger says (W35)", () => {
    for (const address of ["policy.../../x", "query.../x.y", "query.a.b/c", "query.a"]) {
      expect(payloadKey(address, DIGEST)).toBeNull();
    }
    expect(payloadKey("policy.staff", "../../state")).toBeNull();
    fc.assert(
      fc.property(fc.string(), fc.string(), (address, digest) => {
        const key = payloadKey(address, digest);
        expect(key === null || /^__cluster\/resources\/[a-z]+\/[^.]*\.(gq|yaml)$/.test(key)).toBe(true);
      }),
    );
  });
});

describe("the key of a sidecar or approval", () => {
  it("is named by its id and gives it back", () => {
    expect(sidecarKey(ULID as OperationId)).toBe(`__cluster/recoveries/${ULID}.json`);
    expect(approvalKey(ULID as ApprovalId)).toBe(`__cluster/approvals/${ULID}.json`);
    expect(evidenceKey(ULID as ApprovalId)).toBe(`__graphform/approvals/${ULID}.json`);
    expect(evidenceIdOf(evidenceKey(ULID as ApprovalId))).toBe(ULID);
    expect(evidenceIdOf(approvalKey(ULID as ApprovalId))).toBeNull();
    expect(sidecarIdOf(sidecarKey(ULID as OperationId))).toBe(ULID);
    expect(approvalIdOf(approvalKey(ULID as ApprovalId))).toBe(ULID);
  });

  it("has no id when it is another file", () => {
    for (const key of [
      "__cluster/recoveries/x.json",
      `__cluster/recoveries/${ULID}.tmp`,
      `other/${ULID}.json`,
    ]) {
      expect(sidecarIdOf(key)).toBeNull();
    }
  });
});
