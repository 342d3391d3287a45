/**
 * Audit: one record a decision, `__graphform/audit/<yyyy-mm-dd>/<ulid>.json` (spec/policy 5.7). Records are put once
 * and never changed. They hold who asked, for what, what was decided by which rules of which policy, and the digest of
 * the facts that were looked at; never a row, a query text or a secret (U2).
 *
 * A request about a cluster that has no ledger yet leaves its record with the deployment, so that asking for names makes
 * no clusters.
 *
 * Guarantees: field order is the JSON order; the format changes only with `format_version`.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { sha256 } from "../digest/digest.ts";
import { putOnce } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import { type ObjectStore, type StoreKey, storeKey } from "../ports/object-store.ts";
import type { Caller } from "./caller.ts";

export const AUDIT_FORMAT_VERSION = 1;
export const AUDIT_PREFIX = "__graphform/audit/";

export interface AuditRecord {
  readonly format_version: typeof AUDIT_FORMAT_VERSION;
  readonly audit_id: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly request_id: string | null;
  readonly actor: string;
  readonly canonical: string;
  readonly source: Caller["source"];
  readonly session: string | null;
  readonly action: string;
  /** The storage root, and behind `#` the address in it that was asked about, if there is one. */
  readonly resource: string;
  readonly decision: "allowed" | "denied" | "failed";
  /** What was answered to the caller, or why nothing could be. */
  readonly message: string;
  readonly rules: readonly string[];
  /** Of the policy that decided; null: none is applied. */
  readonly policy_digest: string | null;
  /** The ledger that named the policy; null: there is none. */
  readonly state_revision: number | null;
  /** SHA-256 of the facts that the policy was asked with. */
  readonly context_digest: string;
}

/** What was asked and decided. */
export type AuditedDecision = Pick<
  AuditRecord,
  "action" | "resource" | "decision" | "message" | "rules" | "policy_digest" | "state_revision"
> & {
  readonly request_id: string | null;
  /** Whatever the decision depended on, as JSON can hold it. */
  readonly context: unknown;
};

export function encodeAudit(record: AuditRecord): Uint8Array {
  const document: AuditRecord = {
    format_version: record.format_version,
    audit_id: record.audit_id,
    at: record.at,
    request_id: record.request_id,
    actor: record.actor,
    canonical: record.canonical,
    source: record.source,
    session: record.session,
    action: record.action,
    resource: record.resource,
    decision: record.decision,
    message: record.message,
    rules: record.rules,
    policy_digest: record.policy_digest,
    state_revision: record.state_revision,
    context_digest: record.context_digest,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export type AuditWritten =
  | { readonly tag: "written" }
  /** It may be there or not; whatever needs it to be there must not go on. */
  | { readonly tag: "unwritten"; readonly reason: string };

type AuditPorts = Pick<ClusterPorts, "clock" | "ids">;

/** Records a decision in `store`. */
export async function writeAudit(
  { clock, ids }: AuditPorts,
  store: ObjectStore,
  caller: Caller,
  decision: AuditedDecision,
): Promise<AuditWritten> {
  const { actor, canonical, source, session } = caller;
  const { context, ...facts } = decision;
  const at = timestamp(clock);
  const record: AuditRecord = {
    format_version: AUDIT_FORMAT_VERSION,
    audit_id: ids.next(),
    at,
    ...{ actor, canonical, source, session },
    ...facts,
    context_digest: sha256(JSON.stringify(context)),
  };
  const put = await putOnce({ store, clock }, auditKey(at, record.audit_id), encodeAudit(record));
  switch (put.tag) {
    case "present":
      return { tag: "written" };
    case "other":
      return { tag: "unwritten", reason: "something else is stored under its id" };
    case "unavailable":
    case "ambiguous":
      return { tag: "unwritten", reason: put.reason };
  }
}

function auditKey(at: string, id: string): StoreKey {
  return storeKey(`${AUDIT_PREFIX}${at.slice(0, 10)}/${id}.json`);
}
