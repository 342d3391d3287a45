/**
 * One graph of the desired model: its schema, its queries, its bindings and its composite (spec/cluster 1.2 step 6).
 *
 * Guarantees: pure; everything of a graph is checked even if parts of it are wrong, so that one run reports all. Parts
 * whose names are not legal are checked as well but become no resources, because they could have no address (W35).
 */
import type { Bundle } from "../config/bundle.ts";
import type { GraphDeclaration } from "../config/cluster-config.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import { type GraphId, isResourceId, parseGraphId } from "../digest/ids.ts";
import { type Address, graphAddress, providerAddress, schemaAddress } from "./address.ts";
import { loadBlobPolicy } from "./blob-policy.ts";
import type { Compiler } from "./compiler.ts";
import { graphComposite } from "./composite.ts";
import type { DesiredResource } from "./desired.ts";
import { placeInner } from "./inner-diagnostic.ts";
import { discoverQueries } from "./query-discovery.ts";
import { checkQueries } from "./query-loader.ts";
import { resolveProvider } from "./references.ts";
import { checkResourceId, checkServableId } from "./resource-id.ts";
import { loadSource, type SourceFile } from "./source-file.ts";

/** What the loading of a graph needs from the rest of the config. */
export interface GraphSurroundings {
  readonly bundle: Bundle;
  readonly compiler: Compiler;
  /** Digests of the declared providers, by name. */
  readonly providers: ReadonlyMap<string, Digest>;
}

export interface LoadedGraph {
  readonly resources: readonly DesiredResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads and checks one graph. */
export function loadGraph(declaration: GraphDeclaration, surroundings: GraphSurroundings): LoadedGraph {
  const { bundle, compiler, providers } = surroundings;
  const path = `graphs.${declaration.id}`;
  const graph = parseGraphId(declaration.id);
  const ids = [
    ...checkResourceId(declaration.id, path, declaration.at),
    ...checkServableId(declaration.id, declaration.at),
  ];
  const schema = loadSchema(declaration, bundle, compiler);
  const provider = loadProvider(declaration, providers);
  const blobs = loadBlobPolicy(declaration);
  const discovered = discoverQueries(bundle, declaration, compiler, schema.valid);
  const queries = checkQueries(declaration.id, discovered.queries, compiler, schema.valid);
  const diagnostics = [
    ...ids,
    ...schema.diagnostics,
    ...provider.diagnostics,
    ...blobs.diagnostics,
    ...discovered.diagnostics,
    ...queries.diagnostics,
  ];
  if (graph === null) return { resources: [], diagnostics };
  const parts = { schema: schema.source, queries: queries.resources, provider: provider.address };
  const digest = graphComposite({
    graph_id: graph,
    schema_digest: parts.schema?.digest ?? null,
    queries: parts.queries,
    provider: parts.provider === null ? null : { address: parts.provider, digest: provider.digest },
    blob_policy: blobs.policy,
  });
  const resource: DesiredResource = {
    kind: "graph",
    address: graphAddress(graph),
    graph,
    digest,
    schema: schemaAddress(graph),
    embedding_provider: parts.provider,
    external_blob_policy: blobs.policy,
  };
  return { resources: [resource, ...schemaResource(graph, parts.schema), ...parts.queries], diagnostics };
}

function schemaResource(graph: GraphId, source: SourceFile | null): readonly DesiredResource[] {
  if (source === null) return [];
  const { digest, text, path } = source;
  return [{ kind: "schema", address: schemaAddress(graph), graph, digest, source: text, path }];
}

interface LoadedSchema {
  /** The file, whatever it holds; null if it cannot be read. */
  readonly source: SourceFile | null;
  /** The file if it compiles. */
  readonly valid: SourceFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

function loadSchema(declaration: GraphDeclaration, bundle: Bundle, compiler: Compiler): LoadedSchema {
  const path = `graphs.${declaration.id}.schema`;
  const loaded = loadSource(bundle, {
    declared: declaration.schema,
    path,
    missing: "schema_file_missing",
    what: "schema file",
  });
  if (loaded.tag === "problem") return { source: null, valid: null, diagnostics: [loaded.problem] };
  const { source } = loaded;
  const verdict = compiler.schema(source);
  if (verdict.tag === "valid") {
    return { source, valid: source, diagnostics: placeInner(verdict.warnings, "schema_parse_error", path) };
  }
  const code = verdict.stage === "parse" ? "schema_parse_error" : "schema_catalog_error";
  return {
    source,
    valid: null,
    diagnostics: placeInner(verdict.diagnostics, code, path),
  };
}

interface LoadedBinding {
  readonly address: Address | null;
  /** Null if the provider is not declared. */
  readonly digest: Digest | null;
  readonly diagnostics: readonly Diagnostic[];
}

function loadProvider(declaration: GraphDeclaration, providers: ReadonlyMap<string, Digest>): LoadedBinding {
  const { embedding_provider, id } = declaration;
  if (embedding_provider === null) return { address: null, digest: null, diagnostics: [] };
  const path = `graphs.${id}.embedding_provider`;
  const reference = resolveProvider(embedding_provider, path, new Set(providers.keys()));
  if (reference.tag === "wrong_kind" || !isResourceId(reference.name)) {
    return { address: null, digest: null, diagnostics: reference.found };
  }
  const digest = providers.get(reference.name) ?? null;
  return { address: providerAddress(reference.name), digest, diagnostics: reference.found };
}
