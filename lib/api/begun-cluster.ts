/**
 * A cluster is there once it has been begun: an import has made its ledger. Before that nothing is kept for its name, so
 * that a mistyped one leaves no trace and is told from the cluster that was meant. Only who may do it anyway is told.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName } from "../digest/ids.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { ClusterExchange } from "./api.ts";
import type { Refusal } from "./problem.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

/** True also for a ledger that was lost or cannot be read: absence must be proven. */
export async function isBegun(ports: ClusterExchange["ports"]): Promise<boolean> {
  return (await readLedger(ports, { repair: false })).tag !== "missing";
}

/** Null if the cluster is there. */
export async function unbegun({ ports, cluster }: ClusterExchange): Promise<Refusal | null> {
  return (await isBegun(ports)) ? null : refusalOf([noLedger(cluster)]);
}

export function noLedger(cluster: ClusterName): Diagnostic {
  const message = `There is no cluster "${cluster}" yet: it has no ledger.`;
  const fix =
    "Check the name. If it is right, begin the cluster first: `graphform import`, which is POST import of the API.";
  return diagnostic("state_missing", { path: cluster, message, fix });
}
