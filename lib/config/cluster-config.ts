/**
 * ClusterConfig: cluster.yaml as a typed value (spec/cluster 1.1).
 *
 * Guarantees: pure data. Texts keep the spelling of the file, because the config digest covers it (spec/cluster
 * 3.5); what they mean is decided in lib/desired. Every text that a later check may complain about carries its
 * position. Providers, graphs, policies and named queries are in byte order of their names, the order in which they
 * are checked and hashed.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";

export interface Located<Value> {
  readonly value: Value;
  readonly at: SourcePosition;
}

/** Spec/cluster 3.2; a field that is absent or null in the file is absent here. */
export interface EmbeddingProfile {
  readonly kind?: string;
  readonly base_url?: string;
  readonly model?: string;
  readonly api_key?: string;
}

export interface ProviderDeclaration {
  readonly name: string;
  readonly at: SourcePosition;
  readonly profile: EmbeddingProfile;
  /** Where `api_key` stands, or the provider if it has none. */
  readonly api_key_at: SourcePosition;
  readonly kind_at: SourcePosition;
}

export type BlobScope = "server_safe" | "embedded_only";

export interface BlobBaseDeclaration {
  readonly base: Located<string>;
  readonly scope: BlobScope;
}

export interface NamedQuery {
  readonly name: string;
  readonly at: SourcePosition;
  readonly file: Located<string>;
}

/** The three spellings of `queries` (spec/cluster 1.4); an omitted key is the empty map. */
export type QueriesDeclaration =
  | { readonly form: "path"; readonly path: Located<string> }
  | { readonly form: "list"; readonly paths: readonly Located<string>[] }
  | { readonly form: "map"; readonly queries: readonly NamedQuery[] };

export interface GraphDeclaration {
  readonly id: string;
  readonly at: SourcePosition;
  readonly schema: Located<string>;
  readonly queries: QueriesDeclaration;
  readonly queries_at: SourcePosition;
  readonly embedding_provider: Located<string> | null;
  /** Empty means that external blobs are denied. */
  readonly external_blobs: readonly BlobBaseDeclaration[];
}

export interface PolicyDeclaration {
  readonly name: string;
  readonly at: SourcePosition;
  readonly file: Located<string>;
  readonly applies_to: readonly Located<string>[];
  readonly applies_to_at: SourcePosition;
}

export interface ClusterConfig {
  readonly version: Located<number>;
  readonly metadata: { readonly name: Located<string> | null };
  readonly storage: Located<string> | null;
  readonly state: { readonly backend: Located<string> | null; readonly lock: boolean | null };
  readonly providers: readonly ProviderDeclaration[];
  readonly graphs: readonly GraphDeclaration[];
  readonly policies: readonly PolicyDeclaration[];
}
