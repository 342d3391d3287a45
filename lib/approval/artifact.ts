/**
 * Artifact: OmniGraph's file of one approval, `__cluster/approvals/<approval id>.json`, byte for byte (spec/cluster
 * 10.1): pretty JSON, all keys, one trailing LF, strict on read.
 *
 * It cannot say all that an approval must bind, so here it never counts without its evidence. `consumed_at` is set when
 * the approval is consumed or revoked, so that OmniGraph honours both; `consumed_by_operation` stays null, as it is
 * there.
 *
 * Guarantees: pure. `decode(encode(a)) = a`.
 */
import { z } from "zod";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { firstIssue } from "../ledger/typed-document.ts";
import { ARTIFACT_BYTES_MAX } from "./limits.ts";

export interface Artifact {
  readonly schema_version: 1;
  readonly approval_id: string;
  readonly resource: string;
  readonly operation: "create" | "update" | "delete";
  /** The text of the gate, not what the approver said. */
  readonly reason: string;
  readonly bound_config_digest: string;
  readonly bound_before_digest: string | null;
  readonly bound_after_digest: string | null;
  readonly approved_by: string;
  readonly created_at: string;
  readonly consumed_at: string | null;
  readonly consumed_by_operation: string | null;
}

export type ArtifactDecoding =
  | { readonly tag: "decoded"; readonly artifact: Artifact }
  | { readonly tag: "unknown_version"; readonly version: number }
  | { readonly tag: "invalid"; readonly detail: string };

export function encodeArtifact(artifact: Artifact): Uint8Array {
  const document: Artifact = {
    schema_version: 1,
    approval_id: artifact.approval_id,
    resource: artifact.resource,
    operation: artifact.operation,
    reason: artifact.reason,
    bound_config_digest: artifact.bound_config_digest,
    bound_before_digest: artifact.bound_before_digest,
    bound_after_digest: artifact.bound_after_digest,
    approved_by: artifact.approved_by,
    created_at: artifact.created_at,
    consumed_at: artifact.consumed_at,
    consumed_by_operation: artifact.consumed_by_operation,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

const nullable = z.string().nullable().default(null);

const shape = z.strictObject({
  schema_version: z.literal(1),
  approval_id: z.string(),
  resource: z.string(),
  operation: z.enum(["create", "update", "delete"]),
  reason: z.string(),
  bound_config_digest: z.string(),
  bound_before_digest: nullable,
  bound_after_digest: nullable,
  approved_by: z.string(),
  created_at: z.string(),
  consumed_at: nullable,
  consumed_by_operation: nullable,
});

/** The artifact in `bytes`, or why it is none that this program may judge. */
export function decodeArtifact(bytes: Uint8Array): ArtifactDecoding {
  if (bytes.length > ARTIFACT_BYTES_MAX) {
    return { tag: "invalid", detail: `it is longer than ${ARTIFACT_BYTES_MAX} bytes` };
  }
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", detail: document.message };
  const version = versionOf(document.value);
  if (version !== null && version !== 1) return { tag: "unknown_version", version };
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "decoded", artifact: parsed.data };
  return { tag: "invalid", detail: firstIssue(parsed.error) };
}

function versionOf(document: unknown): number | null {
  if (typeof document !== "object" || document === null || !("schema_version" in document)) return null;
  return typeof document.schema_version === "number" ? document.schema_version : null;
}
