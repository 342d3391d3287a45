/**
 * Golden bytes of every document that the ledger writes. A golden file is never edited: a changed format is a new
 * `format_version` with a golden file of its own (style 7.19).
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StateCas, sha256 } from "../../lib/digest/digest.ts";
import type {
  ApprovalId,
  CommitId,
  GraphId,
  IncarnationId,
  LockId,
  OperationId,
  PlanId,
  RunId,
} from "../../lib/digest/ids.ts";
import { encodeLedger } from "../../lib/ledger/codec.ts";
import { decodeDeployment, encodeDeployment, FILE_LEASE_TABLE } from "../../lib/ledger/deployment.ts";
import { decodeRules, encodeRules, LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { decodeHead, encodeHead } from "../../lib/ledger/head.ts";
import { decodeLockFile, encodeLockFile, LOCK_OPERATIONS } from "../../lib/ledger/lock-file.ts";
import { encodeLockRecord } from "../../lib/ledger/lock-record.ts";
import { withMarker } from "../../lib/ledger/marker.ts";
import { decodeReceipt, encodeReceipt, type Receipt } from "../../lib/ledger/receipt.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import type { LeaseItem } from "../../lib/ports/lease-table.ts";
import { healthyPorts } from "./faulty-ports.ts";
import { sampleLedger } from "./sample-ledger.ts";

function golden(name: string, bytes: Uint8Array): void {
  const path = fileURLToPath(new URL(`../golden/ledger/${name}`, import.meta.url));
  expect(new TextDecoder().decode(bytes)).toBe(readFileSync(path, "utf8"));
}

const RECEIPT: Receipt = {
  format_version: 1,
  revision: 12,
  parent_revision: 11,
  commit_id: "01J0000000000000000000000C" as CommitId,
  parent_commit_id: "01J0000000000000000000000B" as CommitId,
  parent_receipt_digest: sha256("parent"),
  kind: "begin",
  state_cas_before: `sha256:${sha256("before")}` as StateCas,
  applied_digest_after: sha256("after"),
  run_id: "01J0000000000000000000000R" as RunId,
  plan_id: "01J0000000000000000000000P" as PlanId,
  actor: "user:ada",
  trigger: "cli",
  git: { commit: "0123456789abcdef", ref: "refs/heads/main", repository: null },
  bundle_digest: sha256("bundle"),
  config_digest: sha256("config"),
  changes: [
    {
      address: "schema.shop",
      operation: "update",
      before_digest: sha256("old"),
      after_digest: sha256("new"),
      operation_id: "01J0000000000000000000000X" as OperationId,
    },
  ],
  approvals_consumed: [
    {
      approval_id: "01J0000000000000000000000A" as ApprovalId,
      address: "graph.old",
      operation_id: null,
    },
  ],
  recovered: [
    {
      operation_id: "01J0000000000000000000000Y" as OperationId,
      graph: "shop" as GraphId,
      outcome: "rolled_forward",
    },
  ],
  resources: { "schema.shop": sha256("new"), "graph.shop": sha256("composite") },
  graphs: {
    shop: { manifest_version: 3, incarnation: "01J0000000000000000000000Z" as IncarnationId },
    old: { manifest_version: 9, incarnation: null },
  },
  protected: [],
  bindings: {},
  at: "2026-03-04T05:06:07.08Z",
};

const FULL_RECEIPT: Receipt = {
  ...RECEIPT,
  kind: "settings",
  protected: ["shop" as GraphId, "crm" as GraphId],
  bindings: {
    "policy.staff": { applies_to: ["cluster", "graph.shop"] },
    "provider.embedding.text": { embedding_profile: { kind: "mock", model: "small" } },
    "graph.shop": {
      embedding_provider: "provider.embedding.text",
      external_blob_policy: { mode: "allow", bases: [{ uri: "s3://blobs/", scope: "server_safe" }] },
    },
  },
};

const IDENTITY = { revision: 12, commit_id: RECEIPT.commit_id, receipt_digest: sha256("receipt") };

const ITEM: LeaseItem = {
  lock_id: "01J0000000000000000000000K" as LockId,
  owner: "laptop:42",
  operation: "recover",
  run_id: "01J0000000000000000000000R" as RunId,
  token: 7,
  acquired_at: "2026-03-04T05:06:07Z",
  deadline: "2026-03-04T05:07:07Z",
};

describe("the documents of the ledger on disk", () => {
  it("keep the bytes of a ledger with a commit marker (version 1)", () => {
    const state = withMarker(sampleLedger(), {
      kind: "commit",
      state_revision: 12,
      commit_id: RECEIPT.commit_id,
      parent_commit_id: RECEIPT.parent_commit_id,
      run_id: ITEM.run_id,
      token: 7,
      receipt_digest: IDENTITY.receipt_digest,
    });
    golden("state.v1.json", encodeLedger(state));
  });

  it("keep the bytes of a receipt (format 1)", () => {
    golden("receipt.v1.json", encodeReceipt(RECEIPT));
  });

  it("keep the bytes of a receipt with protected graphs and bindings (format 1)", () => {
    golden("receipt-protected.v1.json", encodeReceipt(FULL_RECEIPT));
  });

  it("keep the bytes of a head (format 1)", () => {
    golden("head.v1.json", encodeHead(IDENTITY));
  });

  it("keep the bytes of a lock record (format 1)", () => {
    golden("lock-record.v1.json", encodeLockRecord({ item: ITEM, displaced: null }));
    const displaced = {
      ...ITEM,
      lock_id: "01J0000000000000000000000H" as LockId,
      owner: "laptop:41",
      token: 6,
    };
    golden("lock-record-take-over.v1.json", encodeLockRecord({ item: ITEM, displaced }));
  });

  it("keep the bytes of OmniGraph's lock file (version 1)", () => {
    const { lock_id, acquired_at } = ITEM;
    golden(
      "lock.v1.json",
      encodeLockFile({ version: 1, lock_id, operation: "apply", created_at: acquired_at, pid: 42 }),
    );
  });

  it("keep the bytes of a deployment record (format 1)", () => {
    golden(
      "deployment.v1.json",
      encodeDeployment({ format_version: 1, owner: "ada", lease_table: FILE_LEASE_TABLE }),
    );
  });

  it("keep the bytes of the rules of a deployment (format 1)", () => {
    golden("rules.v1.json", encodeRules(LAPTOP_RULES));
  });

  it("keep the bytes of the record of a forced unlock (format 1)", async () => {
    const backend = createMemoryBackend();
    const ports = healthyPorts(backend, 0);
    backend.lease = { format_version: 1, token: 7, holder: ITEM, lock_ids: [ITEM.lock_id] };
    await forceUnlock(ports, { lock_id: ITEM.lock_id, actor: "user:ada", reason: "it died" });
    const key = [...backend.objects.keys()].find((each) => each.startsWith("__graphform/unlocks/")) ?? "";
    golden("unlock.v1.json", backend.objects.get(key) ?? new Uint8Array());
  });
});

describe("a receipt", () => {
  it("is read back as it was written, also with unusual text in it", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.dictionary(fc.string({ maxLength: 5 }), fc.string()),
        (text, map) => {
          const receipt: Receipt = { ...RECEIPT, actor: text, resources: map, git: null, plan_id: null };
          const decoded = decodeReceipt(encodeReceipt(receipt));
          expect(decoded.tag === "decoded" ? JSON.parse(JSON.stringify(decoded.receipt)) : decoded).toEqual(
            JSON.parse(JSON.stringify(receipt)),
          );
        },
      ),
    );
  });

  it("is read back with sorted protected graphs and with its bindings", () => {
    const decoded = decodeReceipt(encodeReceipt(FULL_RECEIPT));
    const receipt = { ...FULL_RECEIPT, protected: ["crm", "shop"] };
    expect(decoded).toEqual({ tag: "decoded", receipt });
  });

  it("without the two fields protects nothing and binds nothing, as before there were any", () => {
    const { protected: _, bindings: __, ...old } = RECEIPT;
    const bytes = new TextEncoder().encode(`${JSON.stringify(old, null, 2)}\n`);
    expect(decodeReceipt(bytes)).toEqual({ tag: "decoded", receipt: RECEIPT });
    expect(Object.keys(JSON.parse(Buffer.from(encodeReceipt(RECEIPT)).toString("utf8")) as object)).toEqual(
      Object.keys(old),
    );
  });

  it("is refused when it has another format, a foreign field or an id that is none", () => {
    for (const change of [
      { protected: ["../x"] },
      { bindings: { "policy.a": { more: 1 } } },
      { format_version: 2 },
      { more: 1 },
      { commit_id: "../x" },
      { graphs: { "../x": null } },
    ]) {
      const bytes = new TextEncoder().encode(JSON.stringify({ ...RECEIPT, ...change }));
      expect(decodeReceipt(bytes).tag).toBe("invalid");
    }
    expect(decodeReceipt(new Uint8Array()).tag).toBe("invalid");
  });
});

describe("small documents", () => {
  it("are read back as they were written", () => {
    expect(decodeHead(12, encodeHead(IDENTITY))).toEqual(IDENTITY);
    const deployment = { format_version: 1, owner: "ada", lease_table: FILE_LEASE_TABLE } as const;
    expect(decodeDeployment(encodeDeployment(deployment))).toEqual(deployment);
    for (const operation of LOCK_OPERATIONS) {
      const lock = { version: 1, lock_id: "x", operation, created_at: "y", pid: 3 } as const;
      expect(decodeLockFile(encodeLockFile(lock))).toEqual({ tag: "lock", lock });
    }
  });

  it("are refused when they are anything else (I1)", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const bytes = new TextEncoder().encode(text);
        expect(decodeHead(1, bytes)).toBeNull();
        expect(decodeDeployment(bytes)).toBeNull();
        expect(decodeRules(bytes).tag).toBe("invalid");
        expect(decodeLockFile(bytes).tag).not.toBe("lock");
        expect(decodeReceipt(bytes).tag).toBe("invalid");
      }),
    );
  });
});
