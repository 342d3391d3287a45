/**
 * Deployment: everything outside that many clusters share. Handed in: the functions build it on AWS, `graphform serve`
 * on a folder, tests in memory.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { ClusterName } from "../digest/ids.ts";
import type { DeploymentRules } from "../ledger/deployment-rules.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { Notices } from "../ports/notices.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { WorkQueue } from "../ports/work-queue.ts";

/** What the operator of the deployment decides, and no bundle can change. Read from the environment or a file. */
export interface DeploymentSettings {
  readonly format_version: 1;
  /** Canonical identity that may validate, plan, import, apply and read until a cluster policy has been applied. */
  readonly bootstrap_principal: string | null;
  /** JWT issuer to its alias; an issuer that is not here is no identity. */
  readonly issuers: Readonly<Record<string, string>>;
  /** Claims that hold groups, by issuer alias. */
  readonly group_claims: Readonly<Record<string, string>>;
  /** Canonical identity to actor id, many to one. */
  readonly identity_map: Readonly<Record<string, string>>;
  /** Roles whose trust policy pins the session name, so that the session is part of the identity. */
  readonly pinned_session_roles: readonly string[];
  /** Principal of an upload event (`AWS:<id>` without session, or a role name) to canonical identity. */
  readonly uploaders: Readonly<Record<string, string>>;
  /** Null: every name; else only these. */
  readonly clusters: readonly string[] | null;
  readonly rules: DeploymentRules;
  /** What a graph without a policy bundle answers to a verified caller. */
  readonly unbound_graph: "deny" | "read";
  /** How long one invocation of a worker lasts; a run stops before it and goes on later. */
  readonly invocation_ms: number;
}

/** A link that takes one upload, and what must be sent with it. */
export interface PresignedUpload {
  readonly url: string;
  readonly method: "PUT";
  readonly headers: Readonly<Record<string, string>>;
  /** RFC 3339 UTC. */
  readonly expires_at: string;
}

export interface UploadedFile {
  readonly bytes: Uint8Array;
  /** Lower-case names without the `x-amz-meta-` before them. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Changes with the content; names this upload together with the key. */
  readonly version: string;
  /** When the store took it, by its own clock: RFC 3339 UTC, in whole seconds. Null: the store does not say. */
  readonly uploaded_at: string | null;
}

export type UploadRead =
  | { readonly tag: "found"; readonly file: UploadedFile }
  | { readonly tag: "absent" }
  /** Longer than `bytes_max`; nothing was read. */
  | { readonly tag: "too_large"; readonly bytes: number }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Where uploads arrive: `inbox/<cluster>/<name>`. */
export interface Inbox {
  read(key: string, bytesMax: number): Promise<UploadRead>;
  /** A link for one upload of at most `bytes_max` to `key`. */
  presign(
    key: string,
    bytesMax: number,
    metadata: Readonly<Record<string, string>>,
  ): Promise<PresignedUpload | null>;
}

/** A link that reads one file for a short time. */
export interface PresignedDownload {
  readonly url: string;
  /** RFC 3339 UTC. */
  readonly expires_at: string;
}

/** `unavailable`: the file is as it was before, and what was written of it is gone or will be. */
export type ExportWritten =
  | { readonly tag: "written"; readonly bytes: number }
  | { readonly tag: "unavailable"; readonly reason: string };

/** The rows that were taken out of graphs, each export a file that nobody but the deployment names; they expire. */
export interface ExportFiles {
  /** Writes a file whole or not at all, in pieces, so that it may be longer than memory. `chunks` may reject. */
  write(key: string, chunks: AsyncIterable<Uint8Array>): Promise<ExportWritten>;
  /** A link that reads the file under `key`, for minutes; null: it cannot be made. */
  presign(key: string): Promise<PresignedDownload | null>;
}

export interface Deployment {
  readonly settings: DeploymentSettings;
  /** The cluster's ports, whether or not anything is there yet. Opening reads nothing. */
  open(cluster: ClusterName): ClusterPorts;
  /** The names of the clusters that have a root. */
  clusters(): Promise<
    | { readonly tag: "listed"; readonly names: readonly ClusterName[] }
    | { readonly tag: "unavailable"; readonly reason: string }
  >;
  readonly inbox: Inbox;
  readonly exports: ExportFiles;
  /** Runs that need the lease: drain, refresh, watch. */
  readonly applies: WorkQueue;
  /** Runs that do not: plans, loads, exports. */
  readonly tasks: WorkQueue;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Records of uploads and requests that concern no cluster's own root (upload tickets, request keys). */
  readonly records: ObjectStore;
}
