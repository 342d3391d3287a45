/**
 * The ledger that a command may change: usable, with true composites, and with everything settled that earlier runs
 * left open (design 7). Every command that changes the ledger begins with this, under the lease.
 */
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import type { GraphId } from "../../digest/ids.ts";
import type { LedgerReading, ReadyLedger } from "../../ledger/reading.ts";
import { verifyComposites } from "../../ledger/verify-composites.ts";
import type { ApplyRun } from "../apply-run.ts";
import { usableLedger } from "../ledger-facts.ts";
import { sweptEvidence } from "./open-reservations.ts";
import { sweep } from "./sweep.ts";

export type SettledLedger =
  | {
      readonly tag: "settled";
      readonly ledger: ReadyLedger;
      /** Graphs that stay blocked in this run. */
      readonly pending: ReadonlySet<GraphId>;
      /** The sweep has committed a revision of its own. */
      readonly recovered: boolean;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** `unknown`: a recovery commit of this run may have landed. */
  | { readonly tag: "stopped"; readonly unknown: boolean; readonly diagnostics: readonly Diagnostic[] };

/** `purpose` completes "there is nothing to ...". */
export async function settledLedger(
  run: ApplyRun,
  reading: LedgerReading,
  purpose: string,
): Promise<SettledLedger> {
  const usable = usableLedger(reading, purpose);
  if (usable.tag === "unusable") return stopped(usable.diagnostics);
  const composites = verifyComposites(usable.ledger.state);
  if (composites.length > 0) return stopped(composites);
  const intents = await run.intents;
  if (intents.tag === "unavailable") return stopped(intents.diagnostics);
  const approvals = await sweptEvidence(run.ports, usable.ledger, intents.open, await run.evidence);
  if (approvals.tag === "unavailable") return stopped([unreadApprovals(approvals.reason)]);
  const left = { ...intents, evidence: approvals.evidence };
  const swept = await sweep(run, usable.ledger, left, run.desired);
  if (swept.tag === "stopped") return swept;
  const { ledger, pending } = swept;
  const diagnostics = [...usable.ledger.diagnostics, ...approvals.diagnostics, ...swept.diagnostics];
  return { tag: "settled", ledger, pending, recovered: ledger !== usable.ledger, diagnostics };
}

/** An approval that cannot be read may be in the hands of a run that died; nothing is done past it. */
function unreadApprovals(reason: string): Diagnostic {
  const message = `The approvals cannot be read: ${reason}.`;
  return diagnostic("approval_read_error", {
    path: "__graphform/approvals",
    message,
    severity: "error",
  });
}

function stopped(diagnostics: readonly Diagnostic[]): SettledLedger {
  return { tag: "stopped", unknown: false, diagnostics };
}
