/**
 * Desired: everything that one bundle declares, as typed resources with digests and edges (spec/cluster 1, 3).
 *
 * Guarantees: pure and deterministic: equal bundles give equal results, whatever is already known to compile. All
 * complaints come at once; as long as cluster.yaml itself can be read into a typed document, resources, edges and the
 * config digest are there even if some of them are wrong, so that error outputs can still show them. After a document
 * that cannot be typed there are no resources and no config digest (spec/cluster 1.2).
 */
import {
  type Bundle,
  type BundleFile,
  bundleDigest,
  CLUSTER_FILE,
  CONFIG_FOLDER,
  displayPath,
  type SourceRead,
} from "../config/bundle.ts";
import type { ClusterConfig, EmbeddingProfile, ProviderDeclaration } from "../config/cluster-config.ts";
import { parseClusterYaml } from "../config/parse.ts";
import { bundleFiles } from "../config/sources.ts";
import { resolveStorageRoot } from "../config/storage-root.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import { type GraphId, isResourceId } from "../digest/ids.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import type { QueryRef } from "../policy/query-scope.ts";
import type { QueryFacts } from "../query/facts.ts";
import { type Address, providerAddress } from "./address.ts";
import type { ExternalBlobPolicy } from "./blob-policy.ts";
import { Compiler } from "./compiler.ts";
import { configDigest } from "./config-digest.ts";
import { type Dependency, dependenciesOf } from "./edges.ts";
import { checkProvider, profileDigest } from "./embedding-provider.ts";
import { ownWarningsLast } from "./emission-order.ts";
import { loadGraph } from "./graph-loader.ts";
import { type Compiled, KNOWS_NOTHING, type KnownCompilations } from "./known-compilations.ts";
import { loadPolicies } from "./policy-loader.ts";
import { checkResourceId } from "./resource-id.ts";

export interface DesiredGraph {
  readonly kind: "graph";
  readonly address: Address;
  readonly graph: GraphId;
  /** The composite. */
  readonly digest: Digest;
  readonly schema: Address;
  readonly embedding_provider: Address | null;
  /** Null means Deny. */
  readonly external_blob_policy: ExternalBlobPolicy | null;
}

export interface DesiredSchema {
  readonly kind: "schema";
  readonly address: Address;
  readonly graph: GraphId;
  readonly digest: Digest;
  readonly source: string;
  readonly path: string;
}

export interface DesiredQuery {
  readonly kind: "query";
  readonly address: Address;
  readonly graph: GraphId;
  readonly name: string;
  /** Of the whole file, as the formats want it. */
  readonly digest: Digest;
  /** Text of the whole file: the payload. */
  readonly source: string;
  readonly path: string;
  /** Null if the query is not valid or its graph has no valid schema. */
  readonly facts: QueryFacts | null;
  /** Of this declaration alone (W37); null if its file has none of this name. */
  readonly declaration_digest: Digest | null;
}

export interface DesiredPolicy {
  readonly kind: "policy";
  readonly address: Address;
  readonly name: string;
  readonly digest: Digest;
  readonly text: string;
  /** `cluster` or `graph.<id>`, sorted. */
  readonly applies_to: readonly string[];
  /** Null if the bundle is not valid. */
  readonly bundle: PolicyBundle | null;
  readonly path: string;
}

export interface DesiredEmbeddingProvider {
  readonly kind: "embedding_provider";
  readonly address: Address;
  readonly name: string;
  readonly digest: Digest;
  readonly profile: EmbeddingProfile;
}

export type DesiredResource =
  | DesiredGraph
  | DesiredSchema
  | DesiredQuery
  | DesiredPolicy
  | DesiredEmbeddingProvider;

export interface DesiredSettings {
  /** False only for `state.lock: false`. */
  readonly lock: boolean;
  /** `s3://bucket/prefix` or a path, relative paths below `config_dir`; null: the config folder is the root. */
  readonly storage: string | null;
  readonly name: string | null;
}

export interface Desired {
  /** True if no diagnostic is an error. */
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
  readonly config_dir: string;
  readonly config_file: string;
  readonly config_digest: Digest | null;
  readonly bundle_digest: Digest;
  /** Null if cluster.yaml cannot be read into a typed document. */
  readonly settings: DesiredSettings | null;
  /** In address order. */
  readonly resources: ReadonlyMap<Address, DesiredResource>;
  /** Sorted by `from`, then `to`. */
  readonly dependencies: readonly Dependency[];
  /** In address order. */
  readonly resource_digests: Readonly<Record<string, Digest>>;
  /** What this run compiled and did not know before, for a caller to keep. */
  readonly compiled: Compiled;
}

/** Loads what `bundle` declares; `known` saves compiling what was compiled before. */
export function loadDesired(bundle: Bundle, known: KnownCompilations = KNOWS_NOTHING): Desired {
  const cluster = bundle.read(CLUSTER_FILE);
  if (cluster.tag !== "file") return untyped(bundle, [], [unreadableConfig(bundle, cluster)]);
  const parsed = parseClusterYaml(cluster.bytes);
  const files = bundleFiles(bundle, parsed.sources);
  if (parsed.tag === "invalid") return untyped(bundle, files, parsed.diagnostics);
  const { config } = parsed;
  const compiler = new Compiler(known);
  const loaded = loadResources(bundle, config, compiler);
  const resources = inAddressOrder(loaded.resources);
  const diagnostics = ownWarningsLast([...parsed.diagnostics, ...loaded.diagnostics]);
  return {
    ok: !hasErrors(diagnostics),
    diagnostics,
    config_dir: bundle.config_dir,
    config_file: displayPath(bundle, CLUSTER_FILE),
    config_digest: configDigest(config, resources.values()),
    bundle_digest: bundleDigest(files),
    settings: {
      lock: config.state.lock !== false,
      storage: resolveStorageRoot(config.storage, bundle.config_dir),
      name: config.metadata.name?.value ?? null,
    },
    resources,
    dependencies: dependenciesOf(resources),
    resource_digests: digestsOf(resources),
    compiled: compiler.compiled(),
  };
}

/** The result for a bundle whose cluster.yaml could not be read into a typed document. */
function untyped(bundle: Bundle, files: readonly BundleFile[], diagnostics: readonly Diagnostic[]): Desired {
  return {
    ok: false,
    diagnostics,
    config_dir: bundle.config_dir,
    config_file: displayPath(bundle, CLUSTER_FILE),
    config_digest: null,
    bundle_digest: bundleDigest(files),
    settings: null,
    resources: new Map(),
    dependencies: [],
    resource_digests: {},
    compiled: { schemas: [], query_files: [] },
  };
}

function unreadableConfig(bundle: Bundle, read: Exclude<SourceRead, { readonly tag: "file" }>): Diagnostic {
  if (read.tag === "missing" && bundle.read(CONFIG_FOLDER).tag !== "directory") {
    const message = `\`${bundle.config_dir}\` is not a folder.`;
    return diagnostic("config_dir_not_found", { path: bundle.config_dir, message });
  }
  const message = `\`${displayPath(bundle, CLUSTER_FILE)}\` cannot be read: ${reasonOf(read)}.`;
  return diagnostic("cluster_config_read_error", { path: CLUSTER_FILE, message });
}

function reasonOf(read: Exclude<SourceRead, { readonly tag: "file" }>): string {
  switch (read.tag) {
    case "missing":
      return "it does not exist";
    case "directory":
      return "it is a folder";
    case "unreadable":
    case "outside":
      return read.reason;
    default:
      return assertNever(read);
  }
}

interface LoadedResources {
  readonly resources: readonly DesiredResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Providers, then graphs, then policies, each in name order (spec/cluster 1.2 step 6). */
function loadResources(bundle: Bundle, config: ClusterConfig, compiler: Compiler): LoadedResources {
  const providers = config.providers.map(loadProvider);
  const providerDigests = new Map(
    config.providers.map((each) => [each.name, profileDigest(each.profile)] as const),
  );
  const surroundings = { bundle, compiler, providers: providerDigests };
  const graphs = config.graphs.map((graph) => loadGraph(graph, surroundings));
  const catalogs = new Map(config.graphs.map((graph, index) => [graph.id, queriesOf(graphs[index]!)]));
  const policies = loadPolicies(bundle, config.policies, catalogs);
  const all: readonly LoadedResources[] = [...providers, ...graphs, policies];
  return {
    resources: all.flatMap((each) => each.resources),
    diagnostics: all.flatMap((each) => each.diagnostics),
  };
}

/** The stored queries of a graph as policies see them; one that is not valid counts as a read. */
function queriesOf(graph: LoadedResources): readonly QueryRef[] {
  return graph.resources.flatMap((each) =>
    each.kind === "query" ? [{ name: each.name, mutation: each.facts?.kind === "mutation" }] : [],
  );
}

function loadProvider(provider: ProviderDeclaration): LoadedResources {
  const { name, profile, at } = provider;
  const diagnostics = [
    ...checkResourceId(name, `providers.embedding.${name}`, at),
    ...checkProvider(provider),
  ];
  if (!isResourceId(name)) return { resources: [], diagnostics };
  const address = providerAddress(name);
  const digest = profileDigest(profile);
  return { resources: [{ kind: "embedding_provider", address, name, digest, profile }], diagnostics };
}

/** Addresses are ASCII, so the order of their code units is the order of their bytes. */
function inAddressOrder(resources: readonly DesiredResource[]): ReadonlyMap<Address, DesiredResource> {
  const byAddress = new Map(resources.map((resource) => [resource.address, resource] as const));
  return new Map([...byAddress.keys()].sort().map((address) => [address, byAddress.get(address)!]));
}

function digestsOf(resources: ReadonlyMap<Address, DesiredResource>): Readonly<Record<string, Digest>> {
  return Object.fromEntries([...resources.values()].map((resource) => [resource.address, resource.digest]));
}
