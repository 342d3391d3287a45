/** The readings of a ledger that cannot be used, each with the diagnostic that says why. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import type { CommitIdentity } from "./head.ts";
import { receiptKey } from "./keys.ts";
import type { LedgerReading } from "./reading.ts";

export function unavailableReading(reason: string): LedgerReading {
  const message = `The ledger could not be read: ${reason}.`;
  return {
    tag: "unavailable",
    diagnostics: [diagnostic("state_read_error", { path: STATE_KEY, message })],
  };
}

export function forkedReading(message: string): LedgerReading {
  return { tag: "forked", diagnostics: [diagnostic("state_forked", { path: STATE_KEY, message })] };
}

/** `state.json` is no ledger that can be read, but the newest commit is kept beside it: that is the way out. */
export function besideCommitted(problems: readonly Diagnostic[]): LedgerReading {
  const fix =
    "Move __cluster/state.json away and run `graphform status`: it puts the last committed ledger, which is kept, back in its place.";
  const diagnostics = problems.map((each) => (each.code === "invalid_state_json" ? { ...each, fix } : each));
  return { tag: "invalid", diagnostics };
}

export function damagedReceiptReading(identity: CommitIdentity, problem: string): LedgerReading {
  const path = receiptKey(identity.revision, identity.commit_id);
  const message = `The receipt of revision ${identity.revision} is damaged: ${problem}.`;
  return { tag: "invalid", diagnostics: [diagnostic("state_receipt_invalid", { path, message })] };
}

export function lostDiagnostic(highest: CommitIdentity): Diagnostic {
  return diagnostic("state_lost", {
    path: STATE_KEY,
    message: `The ledger is missing, but its history reaches revision ${highest.revision}.`,
  });
}

export function rolledBackDiagnostic(revision: number, highest: CommitIdentity): Diagnostic {
  const message = rolledBackMessage(revision, highest.revision);
  return diagnostic("state_rolled_back", { path: STATE_KEY, message });
}

function rolledBackMessage(revision: number, highest: number): string {
  if (highest > revision) {
    return `The ledger is at revision ${revision}, but its history reaches revision ${highest}.`;
  }
  if (highest < revision)
    return `The ledger's revision ${revision} was not built on revision ${highest} of its history.`;
  return `The ledger's revision ${revision} is another commit than the one its history records.`;
}

export function missingReceiptDiagnostic(identity: CommitIdentity): Diagnostic {
  const path = receiptKey(identity.revision, identity.commit_id);
  return diagnostic("state_receipt_missing", {
    path,
    message: `The receipt of revision ${identity.revision} is missing.`,
  });
}
