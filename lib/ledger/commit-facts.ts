/**
 * CommitFacts: what a commit tells its receipt beyond the ledger itself, and the drawing up of receipt and document
 * from base, next content and facts. Pure.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, type StateCas, sha256 } from "../digest/digest.ts";
import type { CommitId, GraphId, PlanId, RunId } from "../digest/ids.ts";
import type { Version } from "../ports/object-store.ts";
import { bindingsOf } from "./binding.ts";
import { compactApplied, tryEncodeLedger } from "./codec.ts";
import { resourceDigests } from "./foreign-range.ts";
import type { CommitIdentity } from "./head.ts";
import { type CommitMarker, withMarker } from "./marker.ts";
import type { CommitBase } from "./reading.ts";
import {
  type CommitKind,
  type ConsumedApproval,
  encodeReceipt,
  type GitOrigin,
  RECEIPT_FORMAT_VERSION,
  type Receipt,
  type ReceiptChange,
  type RecordedGraphs,
  type RecoveredOperation,
  receiptDigest,
} from "./receipt.ts";
import type { LedgerState } from "./state.ts";

export interface CommitFacts {
  readonly kind: Exclude<CommitKind, "foreign">;
  readonly run_id: RunId;
  /** Fencing token of the lease that is held. */
  readonly token: number;
  readonly plan_id: PlanId | null;
  readonly actor: string | null;
  readonly trigger: string | null;
  readonly git: GitOrigin | null;
  readonly bundle_digest: Digest | null;
  readonly config_digest: string | null;
  readonly changes: readonly ReceiptChange[];
  readonly approvals_consumed: readonly ConsumedApproval[];
  readonly recovered: readonly RecoveredOperation[];
  /** Every graph that the ledger knows, deleted ones included. */
  readonly graphs: RecordedGraphs;
  /** Every graph that nothing may delete. */
  readonly protected: readonly GraphId[];
}

/** What of the base a commit needs: where it stands, and what it replaces. */
interface Footing {
  /** Above the parent, and above the document that is replaced: a mirror must be able to tell which is newer. */
  readonly revision: number;
  readonly parent: CommitIdentity | null;
  readonly version: Version | null;
  readonly cas: StateCas | null;
}

/** The revision of a commit on `base`, its parent in the history, and the document that it replaces. */
export function footingOf(base: CommitBase): Footing {
  switch (base.tag) {
    case "missing":
      return { revision: 1, parent: null, version: null, cas: null };
    case "ready":
      return {
        revision: 1 + base.identity.revision,
        parent: base.identity,
        version: base.version,
        cas: base.cas,
      };
    case "lost":
      return { revision: 1 + base.highest.revision, parent: base.highest, version: null, cas: null };
    case "rolled_back":
      return {
        revision: 1 + Math.max(base.highest.revision, base.state.state_revision),
        parent: base.highest,
        version: base.version,
        cas: base.cas,
      };
    default:
      return assertNever(base);
  }
}

/** One attempt to commit: everything that is written, decided before anything is. */
export interface CommitAttempt {
  readonly identity: CommitIdentity;
  readonly base_version: Version | null;
  readonly receipt: Receipt;
  readonly receipt_bytes: Uint8Array;
  readonly marker: CommitMarker;
  readonly state: LedgerState;
  readonly bytes: Uint8Array;
}

export type DraftedCommit =
  | { readonly tag: "drafted"; readonly attempt: CommitAttempt }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

/** Draws up the attempt `commitId` to put `next` on top of `base` at the instant `at`. */
export function draftCommit(
  base: CommitBase,
  next: LedgerState,
  facts: CommitFacts,
  commitId: CommitId,
  at: string,
): DraftedCommit {
  const { revision, parent, version, cas } = footingOf(base);
  const receipt: Receipt = {
    format_version: RECEIPT_FORMAT_VERSION,
    revision,
    parent_revision: parent?.revision ?? null,
    commit_id: commitId,
    parent_commit_id: parent?.commit_id ?? null,
    parent_receipt_digest: parent?.receipt_digest ?? null,
    kind: facts.kind,
    state_cas_before: cas,
    applied_digest_after: sha256(compactApplied(next)),
    run_id: facts.run_id,
    plan_id: facts.plan_id,
    actor: facts.actor,
    trigger: facts.trigger,
    git: facts.git,
    bundle_digest: facts.bundle_digest,
    config_digest: facts.config_digest,
    changes: facts.changes,
    approvals_consumed: facts.approvals_consumed,
    recovered: facts.recovered,
    resources: resourceDigests(next),
    graphs: facts.graphs,
    protected: facts.protected,
    bindings: bindingsOf(next),
    at,
  };
  const receiptBytes = encodeReceipt(receipt);
  const marker: CommitMarker = {
    kind: "commit",
    state_revision: revision,
    commit_id: commitId,
    parent_commit_id: parent?.commit_id ?? null,
    run_id: facts.run_id,
    token: facts.token,
    receipt_digest: receiptDigest(receiptBytes),
  };
  const state = withMarker(next, marker);
  const encoded = tryEncodeLedger(state);
  if (encoded.tag === "invalid") return encoded;
  const identity = { revision, commit_id: commitId, receipt_digest: marker.receipt_digest };
  const attempt: CommitAttempt = {
    identity,
    base_version: version,
    receipt,
    receipt_bytes: receiptBytes,
    marker,
    state,
    bytes: encoded.bytes,
  };
  return { tag: "drafted", attempt };
}
