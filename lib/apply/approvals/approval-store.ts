/**
 * The approvals in the store (design 8): evidence below `__graphform/approvals/`, OmniGraph's artifacts below
 * `__cluster/approvals/`. Neither is ever deleted.
 *
 * Every change of an evidence is one conditional replacement of the version that was read. Own writes are recognised
 * by the `change_id` in what is there, never by comparing content (design 4.5), and because no two versions have equal
 * bytes, a put that arrives late finds its condition false.
 */
import { type Artifact, decodeArtifact, encodeArtifact } from "../../approval/artifact.ts";
import { decodeEvidence, type Evidence, encodeEvidence } from "../../approval/evidence.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../../digest/assert.ts";
import type { ApprovalId } from "../../digest/ids.ts";
import { ATTEMPTS_MAX } from "../../ledger/limits.ts";
import { approvalKey, EVIDENCE_PREFIX, evidenceIdOf, evidenceKey } from "../../ledger/payload-key.ts";
import {
  moveOnce,
  type PutOnce,
  pauseBefore,
  putOnce,
  readObjectRetrying,
  retryRead,
  type StorePorts,
} from "../../ledger/retry.ts";
import type { StoreKey, Version } from "../../ports/object-store.ts";
import { APPROVALS_MAX } from "../limits.ts";
import { type KeyListing, listAll } from "../list-all.ts";
import { inWaves } from "../wave.ts";

/** Evidence as it is in the store now. */
export interface StoredEvidence {
  readonly evidence: Evidence;
  readonly version: Version;
  readonly key: StoreKey;
}

export type EvidenceRead =
  | {
      readonly tag: "read";
      /** In the order of their ids, which is that of their making. */
      readonly evidence: readonly StoredEvidence[];
      /** Ids whose file is there and cannot be read. */
      readonly unreadable: readonly string[];
      /** One warning for each file that cannot be read; it is left in place and does not count. */
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "unavailable"; readonly reason: string };

/**
 * All evidence, but that of the ids in `skip`: what the ledger records as consumed need not be read again. If one file
 * cannot be fetched, the whole reading is `unavailable`.
 */
export async function readEvidence(ports: StorePorts, skip: ReadonlySet<string>): Promise<EvidenceRead> {
  return readListedEvidence(ports, await listEvidence(ports), skip);
}

/** The keys of all evidence. None is ever deleted, so every key of an earlier list can still be read. */
export function listEvidence({ store, clock }: StorePorts): Promise<KeyListing> {
  return retryRead(clock, () => listAll(store, EVIDENCE_PREFIX, APPROVALS_MAX, true));
}

/** The evidence of a list, as it is now. */
export async function readListedEvidence(
  ports: StorePorts,
  listing: KeyListing,
  skip: ReadonlySet<string>,
): Promise<EvidenceRead> {
  if (listing.tag === "unavailable") return listing;
  const keys = listing.keys.filter((key) => !skip.has(evidenceIdOf(key) ?? ""));
  const reads = await inWaves(keys, (key) => readObjectRetrying(ports, key));
  const evidence: StoredEvidence[] = [];
  const unreadable: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [index, read] of reads.entries()) {
    const key = keys[index]!;
    if (read.tag === "unavailable") return read;
    if (read.tag === "absent") continue;
    const decoded = decodeStored(key, read.bytes, read.version);
    if (decoded.tag === "stored") evidence.push(decoded.stored);
    else {
      unreadable.push(evidenceIdOf(key) ?? key);
      diagnostics.push(invalidEvidence(key, decoded.detail));
    }
  }
  return { tag: "read", evidence, unreadable, diagnostics };
}

type DecodedStored =
  | { readonly tag: "stored"; readonly stored: StoredEvidence }
  | { readonly tag: "invalid"; readonly detail: string };

/** A file under another name than its own would be found by nobody who reserves or revokes it. */
function decodeStored(key: StoreKey, bytes: Uint8Array, version: Version): DecodedStored {
  const decoded = decodeEvidence(bytes);
  if (decoded.tag === "invalid") return decoded;
  const { evidence } = decoded;
  if (evidence.approval_id === evidenceIdOf(key))
    return { tag: "stored", stored: { evidence, version, key } };
  return { tag: "invalid", detail: `it is the evidence of ${evidence.approval_id}` };
}

function invalidEvidence(path: StoreKey, detail: string): Diagnostic {
  const message = `The evidence ${path} cannot be read: ${detail}. Its approval does not count.`;
  return diagnostic("invalid_approval_evidence", { path, message });
}

/**
 * `refused`: the evidence is not what the move wanted it to be, and this move will never make it so; `current` is what
 * is there, null if that cannot be read. `unknown`: the move may have happened or may still happen.
 */
export type EvidenceMove =
  | { readonly tag: "moved"; readonly stored: StoredEvidence }
  | { readonly tag: "refused"; readonly current: StoredEvidence | null }
  | { readonly tag: "unknown"; readonly reason: string };

/** Replaces one version of an evidence by the next. Conflicts and lost answers repeat it with identical bytes. */
export async function moveEvidence(
  ports: StorePorts,
  from: StoredEvidence,
  to: Evidence,
): Promise<EvidenceMove> {
  assert(from.evidence.approval_id === to.approval_id, "an evidence is moved to its own next version");
  assert(from.evidence.change_id !== to.change_id, "each version of an evidence has an id of its own");
  const { key, version } = from;
  const isOurs = (bytes: Uint8Array): boolean => {
    const decoded = decodeEvidence(bytes);
    return decoded.tag === "decoded" && decoded.evidence.change_id === to.change_id;
  };
  const moved = await moveOnce(ports, { key, from: version, bytes: encodeEvidence(to), isOurs });
  switch (moved.tag) {
    case "unknown":
      return moved;
    case "moved":
      return { tag: "moved", stored: { evidence: to, version: moved.stored.version, key } };
    case "refused": {
      if (moved.current === null) return { tag: "refused", current: null };
      const decoded = decodeStored(key, moved.current.bytes, moved.current.version);
      return { tag: "refused", current: decoded.tag === "stored" ? decoded.stored : null };
    }
    default:
      return assertNever(moved);
  }
}

/**
 * Rewrites the artifact with `consumed_at`, for OmniGraph's sake: the approval was consumed or revoked. Best effort,
 * on the version that was read; false if the artifact does not say so afterwards, which changes nothing here, because
 * evidence and ledger decide (W7).
 */
export async function markArtifactConsumed(ports: StorePorts, id: ApprovalId, at: string): Promise<boolean> {
  const key = approvalKey(id);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const read = await ports.store.get(key);
    if (read.tag === "unavailable") continue;
    if (read.tag === "absent") return false;
    const decoded = decodeArtifact(read.bytes);
    if (decoded.tag !== "decoded") return false;
    if (decoded.artifact.consumed_at !== null) return true;
    const bytes = encodeArtifact({ ...decoded.artifact, consumed_at: at });
    const outcome = await ports.store.replace(key, bytes, read.version);
    if (outcome.tag === "done") return true;
  }
  return false;
}

/** `refused`: the approval was not given and will not count. `unknown`: it may count, now or later. */
export type ApprovalGiven =
  | { readonly tag: "given" }
  | { readonly tag: "refused"; readonly reason: string }
  | { readonly tag: "unknown"; readonly reason: string };

/** Gives an approval: evidence first, because an artifact without it would stand for nothing. */
export async function giveApproval(
  ports: StorePorts,
  evidence: Evidence,
  artifact: Artifact,
): Promise<ApprovalGiven> {
  const id = evidence.approval_id;
  const first = await putOnce(ports, evidenceKey(id), encodeEvidence(evidence));
  if (first.tag !== "present") return { tag: "refused", reason: notPutText(first) };
  const second = await putOnce(ports, approvalKey(id), encodeArtifact(artifact));
  switch (second.tag) {
    case "present":
      return { tag: "given" };
    case "ambiguous":
      return { tag: "unknown", reason: second.reason };
    case "other":
    case "unavailable":
      return { tag: "refused", reason: notPutText(second) };
    default:
      return assertNever(second);
  }
}

function notPutText(put: Exclude<PutOnce, { tag: "present" }>): string {
  return put.tag === "other" ? "something else is stored under its id" : put.reason;
}

export type OneEvidence =
  | { readonly tag: "found"; readonly stored: StoredEvidence }
  | { readonly tag: "absent" }
  | { readonly tag: "invalid"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The evidence of one approval. */
export async function readOneEvidence(ports: StorePorts, id: ApprovalId): Promise<OneEvidence> {
  const key = evidenceKey(id);
  const read = await readObjectRetrying(ports, key);
  if (read.tag !== "found") return read;
  const decoded = decodeStored(key, read.bytes, read.version);
  return decoded.tag === "stored" ? { tag: "found", stored: decoded.stored } : decoded;
}
