/**
 * The canonical JSON of the parsed document, which the config digest covers (spec/cluster 3.1, 3.5).
 *
 * Guarantees: fields in the order of the specification, maps sorted by key bytes, texts as typed, defaults filled in,
 * and nothing of comments or formatting.
 */
import type {
  ClusterConfig,
  EmbeddingProfile,
  GraphDeclaration,
  QueriesDeclaration,
} from "./cluster-config.ts";

/** Compact JSON of `config`. */
export function documentJson(config: ClusterConfig): string {
  return JSON.stringify({
    version: config.version.value,
    metadata: { name: config.metadata.name?.value ?? null },
    storage: config.storage?.value ?? null,
    state: { backend: config.state.backend?.value ?? null, lock: config.state.lock },
    providers: {
      embedding: record(config.providers.map((each) => [each.name, orderedProfile(each.profile)])),
    },
    graphs: record(config.graphs.map((each) => [each.id, graphJson(each)])),
    policies: record(
      config.policies.map((each) => [
        each.name,
        { file: each.file.value, applies_to: each.applies_to.map((target) => target.value) },
      ]),
    ),
  });
}

/** The canonical JSON of an embedding profile (spec/cluster 3.2): fixed order, absent fields omitted. */
export function profileJson(profile: EmbeddingProfile): string {
  return JSON.stringify(orderedProfile(profile));
}

function orderedProfile({ kind, base_url, model, api_key }: EmbeddingProfile): object {
  return { kind, base_url, model, api_key };
}

function graphJson(graph: GraphDeclaration): object {
  const allow = graph.external_blobs.map((each) => ({ base: each.base.value, scope: each.scope }));
  return {
    schema: graph.schema.value,
    queries: queriesJson(graph.queries),
    embedding_provider: graph.embedding_provider?.value ?? null,
    ...(allow.length === 0 ? {} : { external_blobs: { allow } }),
  };
}

function queriesJson(queries: QueriesDeclaration): unknown {
  switch (queries.form) {
    case "path":
      return queries.path.value;
    case "list":
      return queries.paths.map((path) => path.value);
    case "map":
      return record(queries.queries.map((each) => [each.name, { file: each.file.value }]));
  }
}

/**
 * A map with its keys in the order given. Legal names never look like array indexes, which JavaScript would move to
 * the front, and never collide with the prototype, which this object does not have.
 */
function record(entries: readonly (readonly [string, unknown])[]): object {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}
