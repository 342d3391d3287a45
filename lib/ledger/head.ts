/**
 * Head: which attempt won a revision, `__graphform/heads/<revision>.json` (design 4.6). Put if absent after the
 * commit and before the answer; from then on the revision cannot be taken back unnoticed (L2, L9).
 */
import { z } from "zod";
import type { Digest } from "../digest/digest.ts";
import { type CommitId, isUlid } from "../digest/ids.ts";
import { parseJsonBytes } from "./json-text.ts";

export const HEAD_FORMAT_VERSION = 1;

/** One commit of the history: its revision, the attempt that made it, and its receipt. */
export interface CommitIdentity {
  readonly revision: number;
  readonly commit_id: CommitId;
  readonly receipt_digest: Digest;
}

const shape = z.strictObject({
  format_version: z.literal(HEAD_FORMAT_VERSION),
  commit_id: z
    .string()
    .refine(isUlid)
    .transform((text) => text as CommitId),
  receipt_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .transform((text) => text as Digest),
});

/** The bytes of the head of `identity`'s revision. */
export function encodeHead({ commit_id, receipt_digest }: CommitIdentity): Uint8Array {
  const document = { format_version: HEAD_FORMAT_VERSION, commit_id, receipt_digest };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The commit that a head names, or null if the bytes are no head of this format. */
export function decodeHead(revision: number, bytes: Uint8Array): CommitIdentity | null {
  const document = parseJsonBytes(bytes);
  const parsed = shape.safeParse(document.tag === "parsed" ? document.value : null);
  if (!parsed.success) return null;
  return {
    revision,
    commit_id: parsed.data.commit_id,
    receipt_digest: parsed.data.receipt_digest,
  };
}
