/**
 * BackupRecord: the document that makes a backup one, `backups/<id>.json` in a place for backups. It is put after
 * everything that it names, so what a dead process has left is no backup. The inventory that it names lists every
 * object of the cluster with its digest, in parts, so that the record stays small.
 *
 * Guarantees: the formats change only with `format_version`; golden tests hold them. What does not fit is refused.
 */
import { z } from "zod";
import type { Digest } from "../digest/digest.ts";
import { type CommitId, type GraphId, isUlid, parseGraphId } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { type DocumentReading, readDocument } from "../ledger/typed-document.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import { isInventoryKey } from "./cluster-keys.ts";
import { PART_BYTES_MAX, RECORD_BYTES_MAX } from "./limits.ts";

export const BACKUP_FORMAT_VERSION = 1;

/** One object of the cluster. */
export interface InventoryEntry {
  readonly key: StoreKey;
  readonly digest: Digest;
  readonly bytes: number;
}

export interface InventoryPart {
  readonly digest: Digest;
  readonly objects: number;
}

export interface BackupRecord {
  readonly format_version: typeof BACKUP_FORMAT_VERSION;
  readonly backup_id: string;
  /** When it was complete. RFC 3339 UTC. */
  readonly at: string;
  readonly actor: string | null;
  /** The storage root that was copied, as people write it. */
  readonly root: string;
  readonly ledger: {
    readonly revision: number;
    readonly commit_id: CommitId;
    readonly receipt_digest: Digest;
    /** SHA-256 of the document. */
    readonly digest: Digest;
  };
  /** The head of each chain of manifests. */
  readonly graphs: readonly { readonly graph: GraphId; readonly version: number }[];
  /** Runs that had not ended. */
  readonly open_runs: number;
  readonly objects: number;
  readonly bytes: number;
  readonly inventory: readonly InventoryPart[];
}

const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
  .transform((text) => text as Digest);
const count = z.int().nonnegative();
const ulid = z.string().refine(isUlid, "is not a ULID");

const recordShape = z.strictObject({
  format_version: z.literal(BACKUP_FORMAT_VERSION),
  backup_id: ulid,
  at: z.iso.datetime(),
  actor: z.string().nullable(),
  root: z.string().min(1),
  ledger: z.strictObject({
    revision: z.int().positive(),
    commit_id: ulid.transform((text) => text as CommitId),
    receipt_digest: digest,
    digest,
  }),
  graphs: z.array(
    z.strictObject({
      graph: z
        .string()
        .refine((text) => parseGraphId(text) !== null, "is no graph id")
        .transform((text) => text as GraphId),
      version: z.int().positive(),
    }),
  ),
  open_runs: count,
  objects: count,
  bytes: count,
  inventory: z.array(z.strictObject({ digest, objects: count })),
});

const entryShape = z.strictObject({
  key: z
    .string()
    .refine(isInventoryKey, "is no key of a cluster that a backup takes")
    .transform((text) => storeKey(text)),
  digest,
  bytes: count,
});

export function encodeBackupRecord(record: BackupRecord): Uint8Array {
  const { format_version, backup_id, at, actor, root, ledger, graphs, open_runs, objects, bytes } = record;
  const document = {
    ...{ format_version, backup_id, at, actor, root },
    ledger: {
      revision: ledger.revision,
      commit_id: ledger.commit_id,
      receipt_digest: ledger.receipt_digest,
      digest: ledger.digest,
    },
    graphs: graphs.map(({ graph, version }) => ({ graph, version })),
    ...{ open_runs, objects, bytes },
    inventory: record.inventory.map((part) => ({ digest: part.digest, objects: part.objects })),
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export function decodeBackupRecord(bytes: Uint8Array): DocumentReading<BackupRecord> {
  return readDocument(bytes, recordShape, RECORD_BYTES_MAX);
}

/** A part of an inventory: one compact JSON object a line. */
export function encodeInventoryPart(entries: readonly InventoryEntry[]): Uint8Array {
  const lines = entries.map(({ key, digest, bytes }) => JSON.stringify({ key, digest, bytes }));
  return Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");
}

export function decodeInventoryPart(bytes: Uint8Array): DocumentReading<readonly InventoryEntry[]> {
  if (bytes.length > PART_BYTES_MAX)
    return { tag: "invalid", detail: `it is longer than ${PART_BYTES_MAX} bytes` };
  const entries: InventoryEntry[] = [];
  for (const line of Buffer.from(bytes).toString("utf8").split("\n")) {
    if (line === "") continue;
    const document = parseJsonBytes(Buffer.from(line, "utf8"));
    const parsed = entryShape.safeParse(document.tag === "parsed" ? document.value : null);
    if (!parsed.success)
      return { tag: "invalid", detail: `line ${entries.length + 1} names no object of a cluster` };
    entries.push(parsed.data);
  }
  return { tag: "read", value: entries };
}
