/**
 * The keys of OmniGraph's objects beside the ledger (spec/cluster 5.1), payloads, sidecars and approvals, and of the
 * evidence of ours that belongs to an approval (design 3).
 *
 * Guarantees: pure. A key is built only from an address that parses and a digest or id that is well formed, so that a
 * hostile ledger entry names no object at all (W35).
 */
import { parseAddress } from "../desired/address.ts";
import { type ApprovalId, isUlid, type OperationId } from "../digest/ids.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

export const RECOVERIES_PREFIX = "__cluster/recoveries/";
export const APPROVALS_PREFIX = "__cluster/approvals/";
export const EVIDENCE_PREFIX = "__graphform/approvals/";

const SHA256 = /^[0-9a-f]{64}$/;

/** The payload of a query or policy, or null for other kinds, illegal addresses and digests that are no SHA-256. */
export function payloadKey(address: string, digest: string): StoreKey | null {
  if (!SHA256.test(digest)) return null;
  const parts = parseAddress(address);
  if (parts?.kind === "query") {
    return storeKey(`__cluster/resources/query/${parts.graph}/${parts.name}/${digest}.gq`);
  }
  if (parts?.kind === "policy") return storeKey(`__cluster/resources/policy/${parts.name}/${digest}.yaml`);
  return null;
}

/** The sidecar of one intent. */
export function sidecarKey(operationId: OperationId): StoreKey {
  return storeKey(`${RECOVERIES_PREFIX}${operationId}.json`);
}

/** The approval artifact. */
export function approvalKey(approvalId: ApprovalId): StoreKey {
  return storeKey(`${APPROVALS_PREFIX}${approvalId}.json`);
}

/** The evidence of an approval. */
export function evidenceKey(approvalId: ApprovalId): StoreKey {
  return storeKey(`${EVIDENCE_PREFIX}${approvalId}.json`);
}

function idIn(key: string, prefix: string): string | null {
  if (!key.startsWith(prefix) || !key.endsWith(".json")) return null;
  const id = key.slice(prefix.length, -".json".length);
  return isUlid(id) ? id : null;
}

/** The operation id in the key of a sidecar, or null if the key is none. */
export function sidecarIdOf(key: string): OperationId | null {
  return idIn(key, RECOVERIES_PREFIX) as OperationId | null;
}

/** The approval id in the key of an artifact, or null if the key is none. */
export function approvalIdOf(key: string): ApprovalId | null {
  return idIn(key, APPROVALS_PREFIX) as ApprovalId | null;
}

/** The approval id in the key of an evidence, or null if the key is none. */
export function evidenceIdOf(key: string): ApprovalId | null {
  return idIn(key, EVIDENCE_PREFIX) as ApprovalId | null;
}
