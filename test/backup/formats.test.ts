/** Golden bytes of the documents of backups. A golden file is never edited: a changed format is a new `format_version`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  type BackupRecord,
  decodeBackupRecord,
  decodeInventoryPart,
  encodeBackupRecord,
  encodeInventoryPart,
  type InventoryEntry,
} from "../../lib/backup/backup-record.ts";
import { decodeRestoreClaim, encodeRestoreClaim, type RestoreClaim } from "../../lib/backup/restore-claim.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { CommitId, GraphId } from "../../lib/digest/ids.ts";
import { FILE_LEASE_TABLE } from "../../lib/ledger/deployment.ts";
import { storeKey } from "../../lib/ports/object-store.ts";

function golden(name: string, bytes: Uint8Array): void {
  const path = fileURLToPath(new URL(`../golden/backup/${name}`, import.meta.url));
  expect(Buffer.from(bytes).toString("utf8")).toBe(readFileSync(path, "utf8"));
}

const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const RECORD: BackupRecord = {
  format_version: 1,
  backup_id: ULID,
  at: "2026-01-01T00:00:00Z",
  actor: "ana",
  root: "s3://bucket/clusters/company",
  ledger: {
    revision: 7,
    commit_id: ULID as CommitId,
    receipt_digest: sha256("receipt"),
    digest: sha256("ledger"),
  },
  graphs: [{ graph: "people" as GraphId, version: 3 }],
  open_runs: 1,
  objects: 2,
  bytes: 42,
  inventory: [{ digest: sha256("inventory"), objects: 2 }],
};
const ENTRIES: readonly InventoryEntry[] = [
  { key: storeKey("__cluster/state.json"), digest: sha256("ledger"), bytes: 40 },
  { key: storeKey("graphs/people.omni/graphform.json"), digest: sha256("marker"), bytes: 2 },
];
const CLAIM: RestoreClaim = {
  format_version: 1,
  backup: { backup_id: ULID, digest: sha256("record"), root: "s3://bucket/clusters/company", revision: 7 },
  replaced: { owner: "prod", lease_table: { kind: "dynamodb", name: "eu-west-1/leases" } },
  deployment: { owner: "bo", lease_table: FILE_LEASE_TABLE },
  actor: "bo",
  at: "2026-01-02T00:00:00Z",
};

function edited(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString("utf8");
  expect(text).toContain(from);
  return Buffer.from(text.replace(from, to), "utf8");
}

describe("the documents of backups are written as they were and read back", () => {
  it("the record", () => {
    golden("backup.v1.json", encodeBackupRecord(RECORD));
    expect(decodeBackupRecord(encodeBackupRecord(RECORD))).toEqual({ tag: "read", value: RECORD });
  });

  it("a part of an inventory", () => {
    golden("inventory.v1.jsonl", encodeInventoryPart(ENTRIES));
    expect(decodeInventoryPart(encodeInventoryPart(ENTRIES))).toEqual({ tag: "read", value: ENTRIES });
  });

  it("the claim of a restore", () => {
    golden("restore.v1.json", encodeRestoreClaim(CLAIM));
    expect(decodeRestoreClaim(encodeRestoreClaim(CLAIM))).toEqual({ tag: "read", value: CLAIM });
  });
});

describe("a document that is none of these is refused", () => {
  it.each([
    ['"format_version": 1', '"format_version": 2'],
    ['"revision": 7', '"revision": -7'],
    ['"open_runs": 1,', ""],
    ['"root"', '"place"'],
  ])("a record with %s as %s", (from, to) => {
    expect(decodeBackupRecord(edited(encodeBackupRecord(RECORD), from, to)).tag).toBe("invalid");
  });

  it.each(["../outside", "__cluster/../x", "elsewhere/x", "graphs//x", "graphs/x\\u0000"])(
    "an inventory that names %s, so that nothing is written outside a root (I2)",
    (key) => {
      const bytes = edited(encodeInventoryPart(ENTRIES), "__cluster/state.json", key);
      expect(decodeInventoryPart(bytes).tag).toBe("invalid");
    },
  );

  it.each([
    "__cluster/lock.json",
    "__cluster/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV.json",
    "__graphform/lease/token",
    "__graphform/staging/x",
    "__graphform/told-drift.json",
    "__graphform/versions/__graphform/x/1",
  ])("an inventory that names %s, which no backup takes", (key) => {
    const bytes = edited(encodeInventoryPart(ENTRIES), "graphs/people.omni/graphform.json", key);
    expect(decodeInventoryPart(bytes).tag).toBe("invalid");
  });

  it("a claim of a newer version", () => {
    const bytes = edited(encodeRestoreClaim(CLAIM), '"format_version": 1', '"format_version": 2');
    expect(decodeRestoreClaim(bytes).tag).toBe("invalid");
  });
});
