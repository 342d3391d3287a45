/**
 * What is lost when nobody owns the storage root any more although Graphform has committed there: the record of the
 * owner alone, or everything below `__graphform` (design 3). The ledger and the graphs are whole, so work goes on; a
 * person must learn what counts no more. Pure.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { DEPLOYMENT_KEY } from "../ledger/keys.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import type { ClusterPorts } from "./cluster-ports.ts";

/** For a run that found no record of the owner and has made one; empty if there was none before. */
export function lostRecords(
  { lease_table }: Pick<ClusterPorts, "lease_table">,
  reading: LedgerReading,
): readonly Diagnostic[] {
  if (reading.tag === "missing" || reading.tag === "forked" || reading.tag === "invalid") return [];
  if (reading.tag === "unavailable" || (reading.tag === "ready" && reading.marker === null)) return [];
  const owner = `The record of who owns the storage root is gone; from now on it is whoever has the lease ${lease_table.kind} ${lease_table.name}`;
  const whole = reading.receipt !== null || reading.tag !== "ready";
  const message = whole ? `${owner}.` : `${owner}. ${restLost(reading.identity.revision)}`;
  return [diagnostic("deployment_lost", { path: DEPLOYMENT_KEY, message })];
}

function restLost(revision: number): string {
  return `The receipt of revision ${revision} is gone too, so everything below __graphform may be: the history, the evidence of approvals that were not used yet, which count no more, stored plans, and the rules of the deployment.`;
}
