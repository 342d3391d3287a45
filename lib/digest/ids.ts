/**
 * The identifiers of the system. All but graph ids are ULIDs made by the `ids` port; never one for another
 * (design 2).
 */
import type { Brand } from "./digest.ts";

/** `[A-Za-z_][A-Za-z0-9_-]*`, checked when the config or the ledger is decoded (spec/cluster 1.3, W35). */
export type GraphId = Brand<"GraphId">;
/** One intent and the manifest that it publishes. */
export type OperationId = Brand<"OperationId">;
/** One attempt to commit on one base; names receipt and marker. */
export type CommitId = Brand<"CommitId">;
/** One execution of plan, apply, refresh, import or load. */
export type RunId = Brand<"RunId">;
/** One holding of the lease. */
export type LockId = Brand<"LockId">;
export type PlanId = Brand<"PlanId">;
export type ApprovalId = Brand<"ApprovalId">;
/** One life of a graph id, from create to delete. */
export type IncarnationId = Brand<"IncarnationId">;
/** The name of a cluster in a deployment: the folder of its root (design 3). */
export type ClusterName = Brand<"ClusterName">;

const RESOURCE_ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** True if `text` is a legal graph, query, policy or provider name (spec/cluster 1.3). */
export function isResourceId(text: string): boolean {
  return RESOURCE_ID.test(text);
}

/** The graph id in `text`, or null if it breaks the grammar of spec/cluster 1.3. */
export function parseGraphId(text: string): GraphId | null {
  return isResourceId(text) ? (text as GraphId) : null;
}

/** What a bucket key, a queue's group and a host name can all hold. */
const CLUSTER_NAME = /^(?=.{1,63}$)[a-z0-9](-?[a-z0-9])*$/;

/** The cluster name in `text`, or null: lower-case letters, digits and single hyphens, at most 63 characters. */
export function parseClusterName(text: string): ClusterName | null {
  return CLUSTER_NAME.test(text) ? (text as ClusterName) : null;
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** True if `text` is a canonical upper-case ULID. */
export function isUlid(text: string): boolean {
  return ULID.test(text);
}
