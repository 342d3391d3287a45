/**
 * Targets that are neither declared nor in the ledger: a plan of nothing would look like a cluster without changes. A
 * graph that is only in the ledger is about to be deleted, which can be targeted too.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { graphAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";

/** `unavailable`: the store did not answer, and silence is not absence (design 4.7). */
export type TargetCheck =
  | { readonly tag: "known" }
  | { readonly tag: "unknown" | "unavailable"; readonly diagnostics: readonly Diagnostic[] };

export async function unknownTargets(
  ports: ClusterPorts,
  desired: Desired,
  targets: readonly GraphId[] | null,
): Promise<TargetCheck> {
  const undeclared = (targets ?? []).filter((graph) => !desired.resources.has(graphAddress(graph)));
  if (undeclared.length === 0) return { tag: "known" };
  const reading = await readLedger(ports, { repair: false });
  if (reading.tag === "unavailable") return { tag: "unavailable", diagnostics: reading.diagnostics };
  const recorded = recordedAddresses(reading);
  // What is wrong with a ledger that says nothing certain is for plan and apply to say.
  if (recorded === null) return { tag: "known" };
  const diagnostics = undeclared
    .filter((graph) => !recorded.has(graphAddress(graph)))
    .map((graph) => {
      const message = `There is no graph "${graph}" to target, neither in the config nor in the ledger.`;
      return diagnostic("target_unknown", { path: graphAddress(graph), message });
    });
  return diagnostics.length === 0 ? { tag: "known" } : { tag: "unknown", diagnostics };
}

/** Null: the ledger is there and cannot be relied on. */
function recordedAddresses(reading: LedgerReading): ReadonlySet<string> | null {
  if (reading.tag === "missing") return new Set();
  return reading.tag === "ready" ? new Set(Object.keys(reading.state.applied_revision.resources)) : null;
}
