/**
 * Diff: desired resources against the ledger (spec/cluster 7.2). Pure, total, ordered by address bytes.
 *
 * Law: the diff of a desired model against the ledger that records it is empty.
 */
import type { Address } from "../desired/address.ts";
import { blobPolicyJson } from "../desired/blob-policy.ts";
import type { Desired, DesiredGraph, DesiredResource } from "../desired/desired.ts";
import { compareBytes } from "../digest/digest.ts";
import type { EmbeddingProfile, LedgerResource, LedgerState } from "../ledger/state.ts";
import type { RawChange } from "./change.ts";

/** All changes from `state` to `desired`; `state` null means that there is no ledger. */
export function diffResources(desired: Desired, state: LedgerState | null): readonly RawChange[] {
  const recorded = state?.applied_revision.resources ?? {};
  const changes: RawChange[] = [];
  for (const [address, resource] of desired.resources) {
    const before = recorded[address];
    const change = before === undefined ? created(address, resource) : changed(address, before, resource);
    if (change !== null) changes.push(change);
  }
  for (const [address, before] of Object.entries(recorded)) {
    if (desired.resources.has(address as Address)) continue;
    changes.push({
      resource: address as Address,
      operation: "delete",
      before_digest: before.digest,
      ...boundTo(before.applies_to, undefined),
    });
  }
  return changes.sort((a, b) => compareBytes(a.resource, b.resource));
}

function created(address: Address, resource: DesiredResource): RawChange {
  const bindings = resource.kind === "policy" ? boundTo(undefined, resource.applies_to) : {};
  return { resource: address, operation: "create", after_digest: resource.digest, ...bindings };
}

function changed(address: Address, before: LedgerResource, after: DesiredResource): RawChange | null {
  const update = {
    resource: address,
    operation: "update",
    before_digest: before.digest,
    after_digest: after.digest,
    ...(after.kind === "policy" ? boundTo(before.applies_to, after.applies_to) : {}),
    ...(after.kind === "graph" && isRebound(before, after) ? { rebound: true as const } : {}),
  } as const;
  if (before.digest !== after.digest) return update;
  if (after.kind === "policy" && !sameList(before.applies_to, after.applies_to)) {
    return { ...update, binding_change: true, metadata_change: "policy_bindings" };
  }
  if (after.kind === "embedding_provider" && !sameProfile(before.embedding_profile, after.profile)) {
    return { ...update, metadata_change: "embedding_profile" };
  }
  return null;
}

/** The bindings of a policy before and after, if there are any. */
function boundTo(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): Pick<RawChange, "bound_to"> {
  if (before === undefined && after === undefined) return {};
  return { bound_to: [...new Set([...(before ?? []), ...(after ?? [])])].sort(compareBytes) };
}

/** True if the graph itself changes, beside its schema, its queries and what its provider is. */
function isRebound(before: LedgerResource, after: DesiredGraph): boolean {
  const policy = before.external_blob_policy;
  return (
    (before.embedding_provider ?? null) !== after.embedding_provider ||
    (policy === undefined ? null : blobPolicyJson(policy)) !==
      (after.external_blob_policy === null ? null : blobPolicyJson(after.external_blob_policy))
  );
}

function sameList(recorded: readonly string[] | undefined, desired: readonly string[]): boolean {
  if (recorded === undefined || recorded.length !== desired.length) return false;
  const sorted = [...recorded].sort(compareBytes);
  return desired.every((each, index) => each === sorted[index]);
}

/** True if both profiles hold the same values; absent and undefined are alike. */
function sameProfile(recorded: EmbeddingProfile | undefined, desired: EmbeddingProfile): boolean {
  if (recorded === undefined) return false;
  const fields = ["kind", "base_url", "model", "api_key"] as const;
  return fields.every((field) => recorded[field] === desired[field]);
}
