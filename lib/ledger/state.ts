/**
 * LedgerState: the document `__cluster/state.json` as a value (spec/cluster 4.1). Field order is the JSON order.
 *
 * Guarantees: pure data. The three free-form maps (`approval_records`, `recovery_records`, `observations`) keep
 * unknown keys in the order in which they were read; everything else is strict.
 */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
export type JsonObject = { readonly [key: string]: JsonValue };

/** Spec/cluster 3.2; absent fields are omitted. */
export interface EmbeddingProfile {
  readonly kind?: string;
  readonly base_url?: string;
  readonly model?: string;
  readonly api_key?: string;
}

export interface BlobBase {
  readonly uri: string;
  readonly scope: "server_safe" | "embedded_only";
}

/** Normalised; Deny is represented by absence (spec/cluster 3.3). */
export interface ExternalBlobPolicy {
  readonly mode: "allow";
  readonly bases: readonly BlobBase[];
}

export interface LedgerResource {
  readonly digest: string;
  readonly applies_to?: readonly string[];
  readonly embedding_provider?: string;
  readonly embedding_profile?: EmbeddingProfile;
  readonly external_blob_policy?: ExternalBlobPolicy;
}

export const RESOURCE_STATUSES = [
  "pending",
  "planned",
  "applying",
  "applied",
  "drifted",
  "blocked",
  "error",
] as const;
export type ResourceStatus = (typeof RESOURCE_STATUSES)[number];

export interface StatusRecord {
  readonly status: ResourceStatus;
  readonly conditions?: readonly string[];
  readonly message?: string;
}

export interface AppliedRevision {
  /** Digest of the config that the ledger has converged to; null unless it has (W26). */
  readonly config_digest: string | null;
  readonly resources: Readonly<Record<string, LedgerResource>>;
}

export interface LedgerState {
  readonly version: 1;
  readonly state_revision: number;
  readonly applied_revision: AppliedRevision;
  readonly resource_statuses: Readonly<Record<string, StatusRecord>>;
  readonly approval_records: Readonly<Record<string, JsonValue>>;
  readonly recovery_records: Readonly<Record<string, JsonValue>>;
  readonly observations: Readonly<Record<string, JsonValue>>;
}
