/**
 * ClaimRecord: which process serves a folder, one generation of `servers/` in it. Whether that process still runs is not
 * said here: its witness is asked.
 *
 * Guarantees: pure. Field order is the JSON order; the format changes only with `format_version`; reading is strict.
 */
import { z } from "zod";
import { isUlid } from "../../lib/digest/ids.ts";
import { readDocument } from "../../lib/ledger/typed-document.ts";

export const CLAIM_FORMAT_VERSION = 1;
/** Longest record that is read, in bytes. */
const CLAIM_BYTES_MAX = 4_096;

export interface ClaimRecord {
  readonly format_version: typeof CLAIM_FORMAT_VERSION;
  readonly claim_id: string;
  /** The machine, by its host name. */
  readonly host: string;
  readonly pid: number;
  /** Where its witness answers, on the loopback address of that machine. */
  readonly witness_port: number;
  /** RFC 3339 UTC. */
  readonly since: string;
  /** RFC 3339 UTC, once it has ended well; null: it runs, or died. */
  readonly ended_at: string | null;
}

const shape = z.strictObject({
  format_version: z.literal(CLAIM_FORMAT_VERSION),
  claim_id: z.string().refine(isUlid, "is not a ULID"),
  host: z.string(),
  pid: z.int().positive(),
  witness_port: z.int().positive().max(65_535),
  since: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
});

export function encodeClaim(record: ClaimRecord): Uint8Array {
  const document: ClaimRecord = {
    format_version: record.format_version,
    claim_id: record.claim_id,
    host: record.host,
    pid: record.pid,
    witness_port: record.witness_port,
    since: record.since,
    ended_at: record.ended_at,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** Null: it is none of this format. */
export function decodeClaim(bytes: Uint8Array): ClaimRecord | null {
  const read = readDocument(bytes, shape, CLAIM_BYTES_MAX);
  return read.tag === "read" ? read.value : null;
}
