/** A reading of the ledger as outputs show it (spec/cluster 7.6), and what stands in the way of using it. Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import { type LedgerFacts, NO_LEDGER } from "../plan/state-observations.ts";
import { STATE_KEY } from "../ports/state-key.ts";

export function ledgerFacts(reading: LedgerReading): LedgerFacts {
  switch (reading.tag) {
    case "missing":
    case "lost":
    case "unavailable":
      return NO_LEDGER;
    case "forked":
    case "invalid":
      return { ...NO_LEDGER, state_found: true };
    case "ready":
    case "rolled_back": {
      const { state, cas } = reading;
      const digest = state.applied_revision.config_digest;
      return {
        state_found: true,
        ...(digest === null ? {} : { applied_config_digest: digest }),
        state_revision: state.state_revision,
        state_cas: cas,
        resource_count: Object.keys(state.applied_revision.resources).length,
      };
    }
    default:
      return assertNever(reading);
  }
}

/** The reading if a command may work on it; else why not. `command` is what needs a ledger. */
export function usableLedger(
  reading: LedgerReading,
  command: string,
):
  | { readonly tag: "usable"; readonly ledger: ReadyLedger }
  | { readonly tag: "unusable"; readonly diagnostics: readonly Diagnostic[] } {
  if (reading.tag === "ready") return { tag: "usable", ledger: reading };
  if (reading.tag !== "missing") return { tag: "unusable", diagnostics: reading.diagnostics };
  const message = `There is no ledger yet, so there is nothing to ${command}. The cluster import command creates it.`;
  return {
    tag: "unusable",
    diagnostics: [diagnostic("state_missing", { path: STATE_KEY, message, severity: "error" })],
  };
}
