/**
 * What one commit changes, for its receipt (U1): the difference of the resources before and after, not what was
 * planned. A begin commit changes no resource yet; it names what its effects are about to change.
 */
import { isDeepStrictEqual } from "node:util";
import { assertNever } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import { withBinding } from "../ledger/binding.ts";
import type { CommitBase } from "../ledger/reading.ts";
import type { ReceiptChange } from "../ledger/receipt.ts";
import type { LedgerResource, LedgerState } from "../ledger/state.ts";
import type { RunCommit } from "./apply-run.ts";

type Recorded = Readonly<Record<string, Pick<LedgerResource, "digest">>>;

/** In address order. */
export function ledgerChanges(
  base: CommitBase,
  next: LedgerState,
  commit: RunCommit,
): readonly ReceiptChange[] {
  if (commit.kind === "begin") return announcedChanges(commit);
  const before = resourcesBefore(base);
  const after: Recorded = next.applied_revision.resources;
  const addresses = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareBytes);
  return addresses
    .filter((address) => !isDeepStrictEqual(before[address], after[address]))
    .map((address) => ({
      address,
      operation: operationOf(before[address], after[address]),
      before_digest: before[address]?.digest ?? null,
      after_digest: after[address]?.digest ?? null,
      operation_id: operationId(commit, address),
    }));
}

function announcedChanges(commit: RunCommit): readonly ReceiptChange[] {
  return commit.changes
    .filter((change) => change.disposition === "applied")
    .map((change) => ({
      address: change.resource,
      operation: change.operation,
      before_digest: change.before_digest ?? null,
      after_digest: change.after_digest ?? null,
      operation_id: operationId(commit, change.resource),
    }));
}

function operationOf(before: unknown, after: unknown): ReceiptChange["operation"] {
  if (before === undefined) return "create";
  return after === undefined ? "delete" : "update";
}

function operationId(commit: RunCommit, address: string): ReceiptChange["operation_id"] {
  for (const [moved, operation] of commit.operations) if (moved === address) return operation;
  return null;
}

/** A lost ledger is known by its last receipt. */
function resourcesBefore(base: CommitBase): Recorded {
  switch (base.tag) {
    case "missing":
      return {};
    case "ready":
    case "rolled_back":
      return base.state.applied_revision.resources;
    case "lost": {
      const { resources = {}, bindings = {} } = base.receipt ?? {};
      const entries = Object.entries(resources);
      return Object.fromEntries(
        entries.map(([address, digest]) => [address, withBinding(digest, bindings[address])]),
      );
    }
    default:
      return assertNever(base);
  }
}
