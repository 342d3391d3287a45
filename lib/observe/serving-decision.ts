/**
 * What a server may serve of a ledger, and why not (spec/cluster 12.2). Pure: the payloads are read between the two
 * steps, by `servingSnapshot`.
 *
 * - A graph that an open intent concerns is quarantined alone; everything else that is wrong refuses the whole cluster,
 *   because a server must not start with a part of what was applied.
 * - Roots are derived from the graph id and the storage root; what a sidecar says of places is never used (W13).
 * - `cluster_empty` and `cluster_no_healthy_graphs` are said only if nothing else explains that no graph is served
 *   (W33).
 */
import { parseAddress } from "../desired/address.ts";
import { profileDigest } from "../desired/embedding-provider.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import { RECOVERIES_PREFIX } from "../ledger/payload-key.ts";
import type { EmbeddingProfile, ExternalBlobPolicy, LedgerResource, LedgerState } from "../ledger/state.ts";
import { verifyComposites } from "../ledger/verify-composites.ts";
import { STATE_KEY } from "../ports/state-key.ts";

export interface ServedGraph {
  readonly graph: GraphId;
  readonly root: string;
  readonly embedding_profile: EmbeddingProfile | null;
  /** Null: deny. */
  readonly external_blob_policy: ExternalBlobPolicy | null;
}

/** A query or policy whose payload must be read and verified before it is served. */
export type ServedPayload =
  | {
      readonly kind: "query";
      readonly address: string;
      readonly digest: string;
      readonly graph: GraphId;
      readonly name: string;
    }
  | {
      readonly kind: "policy";
      readonly address: string;
      readonly digest: string;
      readonly name: string;
      /** Without the graphs that are quarantined. */
      readonly applies_to: readonly string[];
    };

export interface ServingDecision {
  readonly graphs: readonly ServedGraph[];
  readonly payloads: readonly ServedPayload[];
  /** Errors; if there is one, nothing is served. */
  readonly problems: readonly Diagnostic[];
}

interface Ledger {
  readonly state: LedgerState;
  readonly quarantined: ReadonlySet<GraphId>;
  readonly root: string;
}

/** What is to be served of a ledger, by address. */
export function decideServing(ledger: Ledger): ServingDecision {
  const resources = Object.entries(ledger.state.applied_revision.resources).sort(([a], [b]) =>
    compareBytes(a, b),
  );
  const graphs: ServedGraph[] = [];
  const payloads: ServedPayload[] = [];
  const problems: Diagnostic[] = [];
  for (const [address, resource] of resources) {
    const parts = parseAddress(address);
    if (parts === null || parts.kind === "schema" || parts.kind === "embedding_provider") continue;
    if ("graph" in parts && ledger.quarantined.has(parts.graph)) continue;
    const { digest } = resource;
    switch (parts.kind) {
      case "graph":
        graphs.push(servedGraph(ledger, parts.graph, resource));
        problems.push(...providerProblems(ledger.state, address, resource));
        break;
      case "query":
        payloads.push({ kind: "query", address, digest, graph: parts.graph, name: parts.name });
        break;
      case "policy":
        if (resource.applies_to === undefined) problems.push(unbound(address));
        else payloads.push(...servedPolicy(ledger, address, parts.name, resource));
        break;
      default:
        assertNever(parts.kind);
    }
  }
  problems.push(...compositeProblems(ledger));
  if (graphs.length === 0 && problems.length === 0) problems.push(nothingToServe(ledger));
  return { graphs, payloads, problems: eachOnce(problems) };
}

/** Graphs that share a broken provider find the same problem. */
function eachOnce(problems: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map(problems.map((each) => [`${each.code} ${each.path}`, each]));
  return [...seen.values()];
}

function servedGraph(ledger: Ledger, graph: GraphId, resource: LedgerResource): ServedGraph {
  const provider = ledger.state.applied_revision.resources[resource.embedding_provider ?? ""];
  return {
    graph,
    root: `${ledger.root}/graphs/${graph}.omni`,
    embedding_profile: provider?.embedding_profile ?? null,
    external_blob_policy: resource.external_blob_policy ?? null,
  };
}

function servedPolicy(
  ledger: Ledger,
  address: string,
  name: string,
  resource: LedgerResource,
): readonly ServedPayload[] {
  const applies_to = (resource.applies_to ?? []).filter((binding) => {
    const parts = parseAddress(binding);
    return parts?.kind !== "graph" || !ledger.quarantined.has(parts.graph);
  });
  if (applies_to.length === 0) return [];
  return [{ kind: "policy", address, digest: resource.digest, name, applies_to }];
}

function unbound(path: string): Diagnostic {
  const message = `The ledger does not say what ${path} applies to.`;
  return diagnostic("policy_bindings_missing", { path, message });
}

/** Why the provider that a graph is bound to cannot be used. */
function providerProblems(state: LedgerState, path: string, graph: LedgerResource): readonly Diagnostic[] {
  const address = graph.embedding_provider;
  if (address === undefined) return [];
  if (parseAddress(address)?.kind !== "embedding_provider") {
    const message = `${path} is bound to ${address}, which is no embedding provider.`;
    return [diagnostic("wrong_kind_reference", { path, message })];
  }
  const provider = state.applied_revision.resources[address];
  const cause = profileProblem(address, provider);
  if (provider !== undefined && cause === null) return [];
  const message = `${path} is bound to ${address}, which cannot be used.`;
  const unusable = diagnostic("embedding_provider_missing", { path, message });
  return cause === null ? [unusable] : [cause, unusable];
}

function profileProblem(path: string, provider: LedgerResource | undefined): Diagnostic | null {
  if (provider === undefined) return null;
  const profile = provider.embedding_profile;
  if (profile === undefined) {
    const message = `The ledger has no profile of ${path}.`;
    return diagnostic("embedding_provider_profile_missing", { path, message });
  }
  const digest = profileDigest(profile);
  if (digest === provider.digest) return null;
  const message = `The profile of ${path} has the digest ${digest}, not the recorded ${provider.digest}.`;
  return diagnostic("embedding_provider_digest_mismatch", { path, message });
}

function compositeProblems({ state, quarantined }: Ledger): readonly Diagnostic[] {
  return verifyComposites(state).filter(({ path }) => {
    const parts = parseAddress(path);
    return parts === null || !("graph" in parts) || !quarantined.has(parts.graph);
  });
}

function nothingToServe({ state }: Ledger): Diagnostic {
  const recorded = Object.keys(state.applied_revision.resources).filter(
    (address) => parseAddress(address)?.kind === "graph",
  );
  if (recorded.length === 0) {
    const message = "The ledger has no graph, so there is nothing to serve.";
    return diagnostic("cluster_empty", { path: STATE_KEY, message });
  }
  const message = `None of the ${recorded.length} applied graphs can be served: an earlier operation on each is not settled.`;
  return diagnostic("cluster_no_healthy_graphs", { path: RECOVERIES_PREFIX.slice(0, -1), message });
}
