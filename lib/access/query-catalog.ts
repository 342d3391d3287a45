/**
 * QueryCatalog: the stored queries of a graph in the applied revision, by name, with what policies look at: whether a
 * query reads or changes (spec/policy 5.3).
 *
 * What a query does is taken from what the last apply compiled under the digests of its schema and file; only a query
 * that is not among it is parsed, from its verified payload. A catalog is kept by the digests that it was made from.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readCompilations } from "../apply/planning/compilations.ts";
import { inWaves } from "../apply/wave.ts";
import { type Address, parseAddress, schemaAddress } from "../desired/address.ts";
import { compareBytes, type Digest, sha256 } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import { payloadKey } from "../ledger/payload-key.ts";
import { readObjectRetrying } from "../ledger/retry.ts";
import type { QueryListing } from "./access.ts";
import { type AppliedRevision, remember } from "./applied-policy.ts";

export type GraphQueries =
  | { readonly tag: "queries"; readonly queries: readonly QueryListing[] }
  | { readonly tag: "failed"; readonly reason: string };

export type CatalogCache = Map<string, readonly QueryListing[]>;

interface Recorded {
  readonly name: string;
  readonly address: Address;
  readonly digest: Digest;
}

/** All stored queries of `graph`, sorted by name. */
export async function graphQueries(
  ports: ClusterPorts,
  { resources }: Pick<AppliedRevision, "resources">,
  graph: GraphId,
  cache: CatalogCache,
): Promise<GraphQueries> {
  const recorded = recordedQueries(resources, graph);
  const key = sha256(JSON.stringify([graph, recorded.map(({ name, digest }) => [name, digest])]));
  const known = cache.get(key);
  if (known !== undefined) return { tag: "queries", queries: known };
  const schema = (resources[schemaAddress(graph)]?.digest ?? "") as Digest;
  const compiled = recorded.length === 0 ? null : await readCompilations(ports.store, [graph]);
  const kinds = await inWaves(recorded, async (query) => {
    const declared = compiled?.queryFile(schema, query.digest)?.find(({ name }) => name === query.name);
    return declared === undefined
      ? parsedKind(ports, query)
      : { mutation: declared.facts.kind === "mutation" };
  });
  const queries: QueryListing[] = [];
  for (const [index, kind] of kinds.entries()) {
    if ("reason" in kind) return { tag: "failed", reason: kind.reason };
    const { name, digest } = recorded[index]!;
    queries.push({ name, digest, mutation: kind.mutation });
  }
  remember(cache, key, queries);
  return { tag: "queries", queries };
}

function recordedQueries(resources: AppliedRevision["resources"], graph: GraphId): readonly Recorded[] {
  return Object.entries(resources)
    .flatMap(([text, { digest }]) => {
      const address = parseAddress(text);
      if (address?.kind !== "query" || address.graph !== graph) return [];
      return [{ name: address.name, address: text as Address, digest: digest as Digest }];
    })
    .sort((a, b) => compareBytes(a.name, b.name));
}

type Kind = { readonly mutation: boolean } | { readonly reason: string };

async function parsedKind(ports: ClusterPorts, { address, name, digest }: Recorded): Promise<Kind> {
  const key = payloadKey(address, digest);
  const read = key === null ? null : await readObjectRetrying(ports, key);
  if (read === null || read.tag === "absent") return { reason: `the payload of ${address} is missing` };
  if (read.tag === "unavailable") {
    return { reason: `the payload of ${address} cannot be read: ${read.reason}` };
  }
  if (sha256(read.bytes) !== digest) return { reason: `the payload of ${address} has another digest` };
  const { parseQueryFile } = await import("../query/parse.ts");
  const parsed = parseQueryFile(new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.bytes), address);
  const found = parsed.tag === "parsed" ? parsed.queries.find((each) => each.name.text === name) : undefined;
  if (found === undefined) return { reason: `the payload of ${address} does not declare it` };
  return { mutation: found.body.kind === "mutation" };
}
