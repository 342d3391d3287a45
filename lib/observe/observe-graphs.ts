/**
 * Looks at every graph that matters to a refresh: every graph of the ledger, every declared one, and every chain below
 * `graphs/`, declared or not (design 7), so that nothing that lives stays unknown, and deleted ones of which a chain is
 * recorded.
 */
import { observedGraph } from "../apply/recorded-graph.ts";
import { inWaves } from "../apply/wave.ts";
import { parseAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { compareBytes } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Engine, GraphsObserved } from "../engine/engine.ts";
import type { LedgerState } from "../ledger/state.ts";

/** Deleted graphs of which a chain is recorded: it keeps their history and must still be there. */
function buried(state: LedgerState): readonly GraphId[] {
  return Object.keys(state.observations).flatMap((address) => {
    const parts = parseAddress(address);
    const seen = parts?.kind === "graph" ? observedGraph(state, address) : null;
    return parts?.kind === "graph" && seen !== null && seen.incarnation === null ? [parts.graph] : [];
  });
}

export async function observeGraphs(
  engine: Engine,
  state: LedgerState,
  desired: Desired,
): Promise<GraphsObserved> {
  const listing = await engine.observeAll();
  if (listing.tag === "unavailable") return listing;
  const known = [...Object.keys(state.applied_revision.resources), ...desired.resources.keys()].flatMap(
    (address) => {
      const parts = parseAddress(address);
      return parts?.kind === "graph" || parts?.kind === "schema" ? [parts.graph] : [];
    },
  );
  const ids = [...new Set([...known, ...buried(state), ...listing.graphs.keys()])].sort(compareBytes);
  const observations = await inWaves(
    ids,
    async (graph) => listing.graphs.get(graph) ?? engine.observe(graph),
  );
  return { tag: "observed", graphs: new Map(ids.map((graph, index) => [graph, observations[index]!])) };
}
