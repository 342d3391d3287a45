/**
 * RestoreClaim: the record of one restore of a cluster into an empty root, `__graphform/restores/<n>.json`, the n-th of
 * its history. It is put first, so that of two restores at once one finds the root taken, and one that broke off is
 * recognised and goes on. It stays: it says which deployment the cluster was of before.
 *
 * While a restore goes on, `deployment.json` names this record in the place of a lease table. No client has such a
 * table, so every command that writes refuses; the last step of the restore puts the real one there.
 */
import { z } from "zod";
import type { Digest } from "../digest/digest.ts";
import { isUlid } from "../digest/ids.ts";
import type { Deployment, LeaseTableName } from "../ledger/deployment.ts";
import { type DocumentReading, readDocument } from "../ledger/typed-document.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";
import { RECORD_BYTES_MAX } from "./limits.ts";

export const RESTORE_FORMAT_VERSION = 1;
const RESTORES_PREFIX = "__graphform/restores/";
const NUMBER_DIGITS = 20;

export interface RestoreClaim {
  readonly format_version: typeof RESTORE_FORMAT_VERSION;
  readonly backup: {
    readonly backup_id: string;
    /** SHA-256 of its record. */
    readonly digest: Digest;
    /** The root that it was taken from. */
    readonly root: string;
    readonly revision: number;
  };
  /** Whose the cluster was when the backup was taken; null: its record was not there. */
  readonly replaced: Pick<Deployment, "owner" | "lease_table"> | null;
  readonly deployment: Pick<Deployment, "owner" | "lease_table">;
  readonly actor: string | null;
  /** When the restore began. RFC 3339 UTC. */
  readonly at: string;
}

const deployment = z.strictObject({
  owner: z.string(),
  lease_table: z.strictObject({ kind: z.enum(["file", "memory", "dynamodb", "restore"]), name: z.string() }),
});

const shape = z.strictObject({
  format_version: z.literal(RESTORE_FORMAT_VERSION),
  backup: z.strictObject({
    backup_id: z.string().refine(isUlid, "is not a ULID"),
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
      .transform((text) => text as Digest),
    root: z.string(),
    revision: z.int().positive(),
  }),
  replaced: deployment.nullable(),
  deployment,
  actor: z.string().nullable(),
  at: z.iso.datetime(),
});

/** The record of the next restore of a history whose objects are `keys`. */
export function nextRestoreKey(keys: Iterable<string>): StoreKey {
  let restores = 0;
  for (const key of keys) if (key.startsWith(RESTORES_PREFIX)) restores += 1;
  return storeKey(`${RESTORES_PREFIX}${String(restores + 1).padStart(NUMBER_DIGITS, "0")}.json`);
}

/** What stands in the place of a lease table while the restore goes on. */
export function heldBy(claim: StoreKey): LeaseTableName {
  return { kind: "restore", name: claim };
}

export function encodeRestoreClaim(claim: RestoreClaim): Uint8Array {
  const { format_version, backup, replaced, deployment, actor, at } = claim;
  const { backup_id, digest, root, revision } = backup;
  const document = {
    format_version,
    backup: { backup_id, digest, root, revision },
    replaced: replaced === null ? null : ownerOf(replaced),
    deployment: ownerOf(deployment),
    ...{ actor, at },
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

function ownerOf({ owner, lease_table: { kind, name } }: RestoreClaim["deployment"]) {
  return { owner, lease_table: { kind, name } };
}

export function decodeRestoreClaim(bytes: Uint8Array): DocumentReading<RestoreClaim> {
  return readDocument(bytes, shape, RECORD_BYTES_MAX);
}

/** Is it the claim of the same restore, begun earlier or elsewhere? */
export function isSameRestore(a: RestoreClaim, b: RestoreClaim): boolean {
  const told = ({ backup, deployment: { owner, lease_table } }: RestoreClaim) =>
    JSON.stringify([backup.digest, owner, lease_table.kind, lease_table.name]);
  return told(a) === told(b);
}
