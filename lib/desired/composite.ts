/**
 * The composite: the digest of a `graph.<id>` resource, made of its children's digests (spec/cluster 3.4).
 *
 * Guarantees: pure. The same function serves desired inputs (validate, plan, apply) and ledger inputs (recomputation
 * and verification), so the two can never drift apart.
 */
import { compareBytes, type Digest, sha256 } from "../digest/digest.ts";
import type { Address } from "./address.ts";
import { blobPolicyJson, type ExternalBlobPolicy } from "./blob-policy.ts";

export interface CompositeInputs {
  readonly graph_id: string;
  /** Null if there is no schema entry. */
  readonly schema_digest: string | null;
  /** In any order. */
  readonly queries: readonly { readonly name: string; readonly digest: string }[];
  /** The bound provider; its digest is null if it has no entry of its own. */
  readonly provider: { readonly address: Address; readonly digest: string | null } | null;
  /** Null means Deny, which is never hashed. */
  readonly blob_policy: ExternalBlobPolicy | null;
}

/** The digest of the graph resource that `inputs` describe. */
export function graphComposite(inputs: CompositeInputs): Digest {
  return sha256(compositeText(inputs));
}

/** The text that the composite covers; every part ends with a NUL, which no part can hold. */
export function compositeText(inputs: CompositeInputs): string {
  const parts = ["graph", inputs.graph_id, "schema", inputs.schema_digest ?? ""];
  for (const query of [...inputs.queries].sort((a, b) => compareBytes(a.name, b.name))) {
    parts.push("query", query.name, query.digest);
  }
  if (inputs.provider !== null) {
    parts.push("embedding_provider", inputs.provider.address, inputs.provider.digest ?? "");
  }
  if (inputs.blob_policy !== null) parts.push("external_blob_policy", blobPolicyJson(inputs.blob_policy));
  return `${parts.join("\0")}\0`;
}
