/**
 * The graphs that `--target` names. A name that is neither declared nor in the ledger is an error: a plan of nothing
 * would look like a cluster without changes.
 */
import type { ClusterPorts } from "../lib/apply/cluster-ports.ts";
import { parseAddress } from "../lib/desired/address.ts";
import type { Desired } from "../lib/desired/desired.ts";
import { type Diagnostic, diagnostic } from "../lib/diagnostic/diagnostic.ts";
import { type GraphId, parseGraphId } from "../lib/digest/ids.ts";
import { readLedger } from "../lib/ledger/read-ledger.ts";

export type Targets =
  /** null: everything. */
  | { readonly tag: "targets"; readonly graphs: ReadonlySet<GraphId> | null }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

export async function findTargets(
  ports: ClusterPorts,
  desired: Desired,
  names: readonly string[] | null,
): Promise<Targets> {
  if (names === null) return { tag: "targets", graphs: null };
  const known = await knownGraphs(ports, desired);
  const diagnostics = names
    .filter((name) => !known.has(name))
    .map((name) =>
      diagnostic("target_unknown", {
        path: "--target",
        message: `There is no graph "${name}" to target. There ${known.size === 0 ? "is none" : `is ${[...known].sort().join(", ")}`}.`,
      }),
    );
  if (diagnostics.length > 0) return { tag: "unknown", diagnostics };
  return { tag: "targets", graphs: new Set(names.flatMap((name) => parseGraphId(name) ?? [])) };
}

/** A graph that is only in the ledger is about to be deleted, which can be targeted too. */
async function knownGraphs(ports: ClusterPorts, desired: Desired): Promise<ReadonlySet<string>> {
  const declared = [...desired.resources.keys()];
  const reading = await readLedger(ports, { repair: false });
  const recorded = reading.tag === "ready" ? Object.keys(reading.state.applied_revision.resources) : [];
  return new Set(
    [...declared, ...recorded].flatMap((address) => {
      const parts = parseAddress(address);
      return parts?.kind === "graph" ? [parts.graph] : [];
    }),
  );
}
