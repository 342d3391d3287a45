/**
 * The resources of the next ledger (spec/cluster 8.6). Pure.
 *
 * Every graph entry is recomputed, declared or not, so that no composite can go stale when a child moves (W1, W3). A
 * graph with a blocked change keeps its provider binding and its blob policy together (W31).
 */
import { type Address, graphAddress, parseAddress, schemaAddress } from "../desired/address.ts";
import { graphComposite } from "../desired/composite.ts";
import type { Desired, DesiredResource } from "../desired/desired.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { LedgerResource } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";

export type Resources = Readonly<Record<string, LedgerResource>>;

export function nextResources(before: Resources, desired: Desired, changes: readonly Change[]): Resources {
  const next: Record<string, LedgerResource> = { ...before };
  for (const change of changes) {
    // A purge takes hidden data away and keeps the definition as it is.
    if (change.disposition !== "applied" || change.purge === true) continue;
    if (change.operation === "delete") delete next[change.resource];
    else next[change.resource] = entryOf(desired.resources.get(change.resource)!, before[change.resource]);
  }
  return recomputeGraphs(next, desired, fencedGraphs(changes));
}

/** The same resources with every graph entry recomputed from its children; `fenced` graphs keep their bindings. */
export function recomputeGraphs(
  resources: Resources,
  desired: Desired,
  fenced: ReadonlySet<GraphId> | "all",
): Resources {
  const next: Record<string, LedgerResource> = { ...resources };
  for (const address of Object.keys(next)) {
    const parts = parseAddress(address);
    if (parts?.kind !== "graph") continue;
    next[address] = graphEntry(parts.graph, next, desired, fenced === "all" || fenced.has(parts.graph));
  }
  return next;
}

function entryOf(resource: DesiredResource, before: LedgerResource | undefined): LedgerResource {
  switch (resource.kind) {
    case "graph":
      return before ?? { digest: resource.digest };
    case "schema":
    case "query":
      return { digest: resource.digest };
    case "policy":
      return { digest: resource.digest, applies_to: resource.applies_to };
    case "embedding_provider":
      return { digest: resource.digest, embedding_profile: resource.profile };
    default:
      return assertNever(resource);
  }
}

/** Graphs whose definition this run left behind on purpose. */
function fencedGraphs(changes: readonly Change[]): ReadonlySet<GraphId> {
  const fenced = new Set<GraphId>();
  for (const change of changes) {
    const parts = parseAddress(change.resource);
    if (parts?.kind !== "graph" && parts?.kind !== "schema") continue;
    if (change.disposition === "blocked" || change.disposition === "deferred") fenced.add(parts.graph);
  }
  return fenced;
}

function graphEntry(graph: GraphId, resources: Resources, desired: Desired, fenced: boolean): LedgerResource {
  const recorded = resources[graphAddress(graph)]!;
  const declared = desired.resources.get(graphAddress(graph));
  const source = fenced || declared?.kind !== "graph" ? recorded : declared;
  const provider = source.embedding_provider ?? null;
  const policy = source.external_blob_policy ?? null;
  const digest = recomposed(graph, resources, provider, policy);
  return {
    digest,
    ...(provider === null ? {} : { embedding_provider: provider }),
    ...(policy === null ? {} : { external_blob_policy: policy }),
  };
}

/** The composite of a graph from the ledger's own entries (spec/cluster 3.4). */
function recomposed(
  graph: GraphId,
  resources: Resources,
  provider: string | null,
  policy: LedgerResource["external_blob_policy"] | null,
): string {
  const prefix = `query.${graph}.`;
  const queries = Object.entries(resources)
    .filter(([address]) => address.startsWith(prefix))
    .map(([address, entry]) => ({ name: address.slice(prefix.length), digest: entry.digest }));
  return graphComposite({
    graph_id: graph,
    schema_digest: resources[schemaAddress(graph)]?.digest ?? null,
    queries,
    provider:
      provider === null
        ? null
        : { address: provider as Address, digest: resources[provider]?.digest ?? null },
    blob_policy: policy ?? null,
  });
}
