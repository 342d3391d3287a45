/**
 * Evidence: what one approval was given for and what became of it, `__graphform/approvals/<approval id>.json`
 * (design 8). It is put before OmniGraph's artifact and binds what the artifact cannot: the plan, the incarnation, the
 * manifest version and the rows that the reviewer saw.
 *
 * An approval is `open`, then `reserved` by one operation or `revoked`; a reservation ends as `consumed` or is opened
 * again by the sweep. The transitions are made here and nowhere else, each with an id of its own, so that no two
 * versions have equal bytes and a late put can never bring an earlier state back.
 *
 * Guarantees: pure. Field order is the JSON order; the format changes only with `format_version`; reading is strict.
 * `decode(encode(e)) = e`.
 */
import { z } from "zod";
import { type Address, parseAddress } from "../desired/address.ts";
import { assert } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import {
  type ApprovalId,
  type GraphId,
  type IncarnationId,
  isUlid,
  type OperationId,
  type PlanId,
  parseGraphId,
  type RunId,
} from "../digest/ids.ts";
import { readDocument } from "../ledger/typed-document.ts";
import { EVIDENCE_BYTES_MAX } from "./limits.ts";

export const EVIDENCE_FORMAT_VERSION = 1;

/**
 * `data_loss` makes the drops of a schema change hard, `purge` removes what earlier ones hid, `access` widens a policy.
 * `change` opens no gate: a duty of the cluster's policy demands that somebody has approved.
 */
export const APPROVED_OPERATIONS = ["delete", "data_loss", "purge", "access", "change"] as const;
export type ApprovedOperation = (typeof APPROVED_OPERATIONS)[number];

/** Who is about to use the approval. Judged by the sweep like an intent of that P. */
export interface Reservation {
  readonly operation_id: OperationId;
  readonly run_id: RunId;
  /** Null for what moves no graph. */
  readonly graph: GraphId | null;
  /** P, the head that the effect expects; null without a graph. */
  readonly expect: number | null;
}

export interface Revocation {
  readonly by: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly reason: string | null;
}

export type EvidenceState =
  | { readonly tag: "open" }
  | { readonly tag: "reserved"; readonly reservation: Reservation }
  | { readonly tag: "consumed"; readonly operation_id: OperationId; readonly at: string }
  | ({ readonly tag: "revoked" } & Revocation);

/** How the approver proved who they are, so that the policy can be asked about them again when the approval is used. */
export interface Approver {
  readonly source: "iam" | "jwt" | "local";
  readonly canonical: string;
  readonly amr: readonly string[];
  readonly claim_groups: readonly string[];
}

export interface Evidence {
  readonly format_version: typeof EVIDENCE_FORMAT_VERSION;
  readonly approval_id: ApprovalId;
  readonly resource: Address;
  readonly operation: ApprovedOperation;
  readonly plan_id: PlanId;
  readonly plan_digest: Digest;
  readonly config_digest: string;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  /** Null for a policy, which belongs to no graph, and where a duty demands approval of no more than the digests. */
  readonly graph: GraphId | null;
  /** The graph that the reviewed plan saw: which life of it, its head version, its rows. Null without a graph. */
  readonly incarnation: IncarnationId | null;
  readonly manifest_version: number | null;
  /** Rows, or values, that the reviewed plan said would be lost. */
  readonly rows: number | null;
  /** Rows written to the incarnation by then; those written since count against the tolerance. */
  readonly rows_written: number | null;
  readonly tolerance: number;
  /** Ledger revision at approval: its use is searched in the history down to here. */
  readonly state_revision: number;
  readonly approved_by: string;
  /** Left out where nothing verified them: on a folder. */
  readonly approver?: Approver;
  /** Who made the plan. */
  readonly submitted_by: string | null;
  /** The deployment's rule when the approval was given. */
  readonly self_approval: "refused" | "allowed";
  readonly reason: string | null;
  /** RFC 3339 UTC. */
  readonly created_at: string;
  /** RFC 3339 UTC; null: never. */
  readonly expires_at: string | null;
  /** ULID of the write that made this version: own writes are recognised by it, and no two versions have equal bytes. */
  readonly change_id: string;
  readonly state: EvidenceState;
}

export type EvidenceDecoding =
  | { readonly tag: "decoded"; readonly evidence: Evidence }
  | { readonly tag: "invalid"; readonly detail: string };

const ulid = z.string().refine(isUlid, "is not a ULID");
const count = z.int().nonnegative();
const instant = z.iso.datetime();
const operationId = ulid.transform((text) => text as OperationId);
const graphId = z
  .string()
  .refine((text) => parseGraphId(text) !== null, "is not a graph id")
  .transform((text) => text as GraphId);

const state = z.discriminatedUnion("tag", [
  z.strictObject({ tag: z.literal("open") }),
  z.strictObject({
    tag: z.literal("reserved"),
    reservation: z.strictObject({
      operation_id: operationId,
      run_id: ulid.transform((text) => text as RunId),
      graph: graphId.nullable(),
      expect: count.nullable(),
    }),
  }),
  z.strictObject({ tag: z.literal("consumed"), operation_id: operationId, at: instant }),
  z.strictObject({ tag: z.literal("revoked"), by: z.string(), at: instant, reason: z.string().nullable() }),
]);

const shape = z.strictObject({
  format_version: z.literal(EVIDENCE_FORMAT_VERSION),
  approval_id: ulid.transform((text) => text as ApprovalId),
  resource: z
    .string()
    .refine((text) => parseAddress(text) !== null, "is not a resource address")
    .transform((text) => text as Address),
  operation: z.enum(APPROVED_OPERATIONS),
  plan_id: ulid.transform((text) => text as PlanId),
  plan_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
    .transform((text) => text as Digest),
  config_digest: z.string(),
  before_digest: z.string().nullable(),
  after_digest: z.string().nullable(),
  graph: graphId.nullable(),
  incarnation: ulid.transform((text) => text as IncarnationId).nullable(),
  manifest_version: count.nullable(),
  rows: count.nullable(),
  rows_written: count.nullable(),
  tolerance: count,
  state_revision: count,
  approved_by: z.string(),
  approver: z
    .strictObject({
      source: z.enum(["iam", "jwt", "local"]),
      canonical: z.string(),
      amr: z.array(z.string()),
      claim_groups: z.array(z.string()),
    })
    .exactOptional(),
  submitted_by: z.string().nullable(),
  self_approval: z.enum(["refused", "allowed"]),
  reason: z.string().nullable(),
  created_at: instant,
  expires_at: instant.nullable(),
  change_id: ulid,
  state,
});

export function encodeEvidence(evidence: Evidence): Uint8Array {
  const document: Evidence = {
    format_version: evidence.format_version,
    approval_id: evidence.approval_id,
    resource: evidence.resource,
    operation: evidence.operation,
    plan_id: evidence.plan_id,
    plan_digest: evidence.plan_digest,
    config_digest: evidence.config_digest,
    before_digest: evidence.before_digest,
    after_digest: evidence.after_digest,
    graph: evidence.graph,
    incarnation: evidence.incarnation,
    manifest_version: evidence.manifest_version,
    rows: evidence.rows,
    rows_written: evidence.rows_written,
    tolerance: evidence.tolerance,
    state_revision: evidence.state_revision,
    approved_by: evidence.approved_by,
    ...(evidence.approver === undefined ? {} : { approver: ordered(evidence.approver) }),
    submitted_by: evidence.submitted_by,
    self_approval: evidence.self_approval,
    reason: evidence.reason,
    created_at: evidence.created_at,
    expires_at: evidence.expires_at,
    change_id: evidence.change_id,
    state: evidence.state,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

function ordered({ source, canonical, amr, claim_groups }: Approver): Approver {
  return { source, canonical, amr, claim_groups };
}

/** The evidence in `bytes`, or what is wrong with them. A newer format is wrong for this program. */
export function decodeEvidence(bytes: Uint8Array): EvidenceDecoding {
  const read = readDocument(bytes, shape, EVIDENCE_BYTES_MAX);
  if (read.tag === "invalid") return read;
  const contradiction = contradictionOf(read.value);
  if (contradiction !== null) return { tag: "invalid", detail: contradiction };
  return { tag: "decoded", evidence: read.value };
}

/** What the fields say against each other: they name one resource in more than one way. */
function contradictionOf(evidence: Evidence): string | null {
  const { graph, operation, resource, state } = evidence;
  if (!fitsResource(evidence)) return `${operation} of ${resource} does not belong to the graph it names`;
  const seen = [evidence.incarnation, evidence.manifest_version, evidence.rows_written];
  if (!seen.every((fact) => (fact === null) === (graph === null)))
    return "it does not say which graph was seen";
  if (state.tag !== "reserved") return null;
  const { reservation } = state;
  const fits = reservation.graph === graph && (reservation.expect === null) === (graph === null);
  return fits ? null : "its reservation does not fit its graph";
}

function fitsResource({ graph, operation, resource }: Evidence): boolean {
  const address = parseAddress(resource);
  switch (operation) {
    case "delete":
      return address?.kind === "graph" && address.graph === graph;
    case "data_loss":
    case "purge":
      return address?.kind === "schema" && address.graph === graph;
    case "access":
      return address?.kind === "policy" && graph === null;
    case "change":
      return graph === null;
  }
}

/** The next version of an open approval: one operation is about to use it, and nobody can revoke it any more. */
export function reserved(evidence: Evidence, reservation: Reservation, change_id: string): Evidence {
  assert(evidence.state.tag === "open", "only an open approval is reserved");
  return { ...evidence, change_id, state: { tag: "reserved", reservation } };
}

/** The next version of a reserved approval whose operation did not take effect and never will. */
export function reopened(evidence: Evidence, change_id: string): Evidence {
  assert(evidence.state.tag === "reserved", "only a reserved approval is opened again");
  return { ...evidence, change_id, state: { tag: "open" } };
}

/** The last version of a reserved approval whose operation took effect and is recorded. */
export function consumed(
  evidence: Evidence,
  operation_id: OperationId,
  at: string,
  change_id: string,
): Evidence {
  assert(evidence.state.tag === "reserved", "only a reserved approval is consumed");
  return { ...evidence, change_id, state: { tag: "consumed", operation_id, at } };
}

/** The last version of a reserved approval whose operation somebody gave up without knowing what became of it. */
export function withdrawn(evidence: Evidence, { by, at, reason }: Revocation, change_id: string): Evidence {
  assert(evidence.state.tag === "reserved", "only a reserved approval is withdrawn with its operation");
  return { ...evidence, change_id, state: { tag: "revoked", by, at, reason } };
}

/** The last version of an open approval that somebody takes back. */
export function revoked(evidence: Evidence, { by, at, reason }: Revocation, change_id: string): Evidence {
  assert(evidence.state.tag === "open", "only an open approval is revoked");
  return { ...evidence, change_id, state: { tag: "revoked", by, at, reason } };
}
