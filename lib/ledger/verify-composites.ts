/**
 * Invariant S5: the digest of every graph entry is the composite of the entries it is made of (spec/cluster 3.4, 4.2),
 * also for graphs that nobody declares any more (W1, W3). Checked before every write, and by every command that is
 * about to change what the ledger says.
 */
import { parseAddress } from "../desired/address.ts";
import { graphComposite } from "../desired/composite.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import type { LedgerResource, LedgerState } from "./state.ts";

type Resources = Readonly<Record<string, LedgerResource>>;

function queriesByGraph(resources: Resources): ReadonlyMap<GraphId, { name: string; digest: string }[]> {
  const queries = new Map<GraphId, { name: string; digest: string }[]>();
  for (const [address, resource] of Object.entries(resources)) {
    const parts = parseAddress(address);
    if (parts?.kind !== "query") continue;
    const list = queries.get(parts.graph) ?? [];
    list.push({ name: parts.name, digest: resource.digest });
    queries.set(parts.graph, list);
  }
  return queries;
}

/** One diagnostic for each graph entry that is not the composite of the entries it is made of; empty if all are. */
export function verifyComposites(state: Pick<LedgerState, "applied_revision">): readonly Diagnostic[] {
  const { resources } = state.applied_revision;
  const queries = queriesByGraph(resources);
  return Object.entries(resources).flatMap(([address, resource]) => {
    const parts = parseAddress(address);
    if (parts?.kind !== "graph") return [];
    const provider = parseAddress(resource.embedding_provider ?? "");
    const composite = graphComposite({
      graph_id: parts.graph,
      schema_digest: resources[`schema.${parts.graph}`]?.digest ?? null,
      queries: queries.get(parts.graph) ?? [],
      provider:
        provider === null
          ? null
          : { address: provider.address, digest: resources[provider.address]?.digest ?? null },
      blob_policy: resource.external_blob_policy ?? null,
    });
    if (composite === resource.digest) return [];
    return [
      diagnostic("external_blob_policy_digest_mismatch", {
        path: address,
        message: `The ledger gives ${address} the digest ${resource.digest}, but its schema, queries, provider and blob policy make ${composite}.`,
      }),
    ];
  });
}
