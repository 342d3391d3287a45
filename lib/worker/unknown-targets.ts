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

export async function unknownTargets(
  ports: ClusterPorts,
  desired: Desired,
  targets: readonly GraphId[] | null,
): Promise<readonly Diagnostic[]> {
  const undeclared = (targets ?? []).filter((graph) => !desired.resources.has(graphAddress(graph)));
  if (undeclared.length === 0) return [];
  const reading = await readLedger(ports, { repair: false });
  const recorded = reading.tag === "ready" ? reading.state.applied_revision.resources : {};
  return undeclared
    .filter((graph) => !(graphAddress(graph) in recorded))
    .map((graph) => {
      const message = `There is no graph "${graph}" to target, neither in the config nor in the ledger.`;
      return diagnostic("target_unknown", { path: graphAddress(graph), message });
    });
}
