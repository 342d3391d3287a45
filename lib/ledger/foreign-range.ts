/**
 * ForeignRange: the revisions that another tool has written on top of the last commit of ours, or from the beginning
 * (design 4.6). The range gets one receipt, so that the history stays one chain.
 *
 * Guarantees: pure. Everything in the receipt follows from the ledger's bytes and from the parent's receipt, its
 * commit id from the ledger's CAS, so that any number of clients make the same receipt. Nobody is named as its author
 * and no time is claimed. `graphs` are those of the parent: another tool cannot move a graph of ours. Nor can it lift
 * the protection of one.
 */
import { compareBytes, type StateCas, sha256 } from "../digest/digest.ts";
import type { CommitId } from "../digest/ids.ts";
import { bindingsOf } from "./binding.ts";
import { compactApplied } from "./codec.ts";
import type { CommitIdentity } from "./head.ts";
import { protectionsOf } from "./protection.ts";
import { RECEIPT_FORMAT_VERSION, type Receipt, type ReceiptChange } from "./receipt.ts";
import type { LedgerState } from "./state.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ID_CHARACTERS = 26;

/** An id in the form of a ULID, derived from the CAS of the foreign document. */
export function foreignCommitId(cas: StateCas): CommitId {
  const bits = BigInt(`0x${sha256(`foreign\0${cas}`)}`);
  let id = "";
  for (let position = 0; position < ID_CHARACTERS; position += 1) {
    const index = Number((bits >> BigInt(5 * position)) & 31n);
    // The first character of a ULID holds three bits.
    id += CROCKFORD[position === 0 ? index % 8 : index];
  }
  return id as CommitId;
}

/** Digest of each resource, as receipts record them. */
export function resourceDigests(state: LedgerState): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(state.applied_revision.resources).map(([address, { digest }]) => [address, digest]),
  );
}

function changesBetween(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly ReceiptChange[] {
  const addresses = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareBytes);
  return addresses.flatMap((address) => {
    const before_digest = before[address] ?? null;
    const after_digest = after[address] ?? null;
    if (before_digest === after_digest) return [];
    const operation = before_digest === null ? "create" : after_digest === null ? "delete" : "update";
    return [{ address, operation, before_digest, after_digest, operation_id: null }];
  });
}

/** The receipt of the foreign range that ends in `state`. */
export function foreignReceipt(
  state: LedgerState,
  cas: StateCas,
  parent: CommitIdentity | null,
  parentReceipt: Receipt | null,
): Receipt {
  const resources = resourceDigests(state);
  return {
    format_version: RECEIPT_FORMAT_VERSION,
    revision: state.state_revision,
    parent_revision: parent?.revision ?? null,
    commit_id: foreignCommitId(cas),
    parent_commit_id: parent?.commit_id ?? null,
    parent_receipt_digest: parent?.receipt_digest ?? null,
    kind: "foreign",
    state_cas_before: null,
    applied_digest_after: sha256(compactApplied(state)),
    run_id: null,
    plan_id: null,
    actor: null,
    trigger: null,
    git: null,
    bundle_digest: null,
    config_digest: state.applied_revision.config_digest,
    changes: changesBetween(parentReceipt?.resources ?? {}, resources),
    approvals_consumed: [],
    recovered: [],
    resources,
    graphs: parentReceipt?.graphs ?? {},
    protected: [...protectionsOf(parentReceipt, state).keys()],
    bindings: bindingsOf(state),
    at: null,
  };
}
