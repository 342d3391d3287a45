/**
 * Receipt: the immutable record of one revision, `__graphform/receipts/<revision>-<commit id>.json` (design 4.6).
 * Written before the commit that it describes, true once that commit landed, inert otherwise (L2).
 *
 * Three fields are added to the design's list. `parent_revision`: a range written by another tool and an import make
 * revisions that are not one above their parent's, and following the history must not guess keys. `protected`: the
 * graphs that nothing may delete. `bindings`: what the entries of the ledger say beside their digests, so that a lost
 * ledger is made again without loss. The last two are left out of the file when they are empty.
 *
 * Guarantees: pure. Field order is the JSON order; maps are sorted by key bytes; the format changes only with
 * `format_version`. `decode(encode(r)) = r`.
 */
import { z } from "zod";
import { compareBytes, type Digest, type StateCas, sha256 } from "../digest/digest.ts";
import {
  type ApprovalId,
  type CommitId,
  type GraphId,
  type IncarnationId,
  isResourceId,
  isUlid,
  type OperationId,
  type PlanId,
  type RunId,
} from "../digest/ids.ts";
import { type Bindings, bindingShape, sortedBindings } from "./binding.ts";
import { parseJsonBytes } from "./json-text.ts";
import { REVISION_MAX } from "./limits.ts";
import { firstIssue } from "./typed-document.ts";

export const RECEIPT_FORMAT_VERSION = 1;

/**
 * `begin` names the operations whose effects may follow; `settings` changes a fact of the deployment and no resource;
 * `foreign` stands for what another tool wrote.
 */
export const COMMIT_KINDS = [
  "begin",
  "final",
  "recovery",
  "refresh",
  "import",
  "settings",
  "foreign",
] as const;
export type CommitKind = (typeof COMMIT_KINDS)[number];

export interface ReceiptChange {
  readonly address: string;
  readonly operation: "create" | "update" | "delete";
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  /** The intent that carries the change out; null if it moves no graph. */
  readonly operation_id: OperationId | null;
}

export interface ConsumedApproval {
  readonly approval_id: ApprovalId;
  readonly address: string;
  readonly operation_id: OperationId | null;
}

export interface RecoveredOperation {
  readonly operation_id: OperationId;
  readonly graph: GraphId;
  /** What the sweep did: `rolled_forward`, `retired` and so on. */
  readonly outcome: string;
}

/** What the ledger records of a graph; deleted graphs stay, with no incarnation. */
export interface RecordedGraph {
  readonly manifest_version: number;
  readonly incarnation: IncarnationId | null;
}
export type RecordedGraphs = Readonly<Record<string, RecordedGraph>>;

export interface GitOrigin {
  readonly commit: string;
  readonly ref: string | null;
  readonly repository: string | null;
}

export interface Receipt {
  readonly format_version: typeof RECEIPT_FORMAT_VERSION;
  readonly revision: number;
  readonly parent_revision: number | null;
  readonly commit_id: CommitId;
  readonly parent_commit_id: CommitId | null;
  readonly parent_receipt_digest: Digest | null;
  readonly kind: CommitKind;
  readonly state_cas_before: StateCas | null;
  /** SHA-256 of the compact `applied_revision` of the new ledger. */
  readonly applied_digest_after: Digest;
  readonly run_id: RunId | null;
  readonly plan_id: PlanId | null;
  readonly actor: string | null;
  /** What started the run: `cli`, `api`, `schedule`, `upload`. */
  readonly trigger: string | null;
  readonly git: GitOrigin | null;
  readonly bundle_digest: Digest | null;
  readonly config_digest: string | null;
  readonly changes: readonly ReceiptChange[];
  readonly approvals_consumed: readonly ConsumedApproval[];
  readonly recovered: readonly RecoveredOperation[];
  /** Address to digest. */
  readonly resources: Readonly<Record<string, string>>;
  readonly graphs: RecordedGraphs;
  /** Sorted. */
  readonly protected: readonly GraphId[];
  /** Of the entries that say more than a digest. */
  readonly bindings: Bindings;
  /** RFC 3339 UTC; null for a range that another tool wrote. */
  readonly at: string | null;
}

export type ReceiptDecoding =
  | { readonly tag: "decoded"; readonly receipt: Receipt }
  | { readonly tag: "invalid"; readonly problem: string };

const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
  .transform((text) => text as Digest);
const ulid = z.string().refine(isUlid, "is not a ULID");
const commitId = ulid.transform((text) => text as CommitId);
const operationId = ulid.transform((text) => text as OperationId);
const revision = z.int().nonnegative().max(REVISION_MAX);
const graphId = z.string().refine(isResourceId, "is not a graph id");

const shape = z.strictObject({
  format_version: z.literal(RECEIPT_FORMAT_VERSION),
  revision,
  parent_revision: revision.nullable(),
  commit_id: commitId,
  parent_commit_id: commitId.nullable(),
  parent_receipt_digest: digest.nullable(),
  kind: z.enum(COMMIT_KINDS),
  state_cas_before: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "is not a CAS")
    .transform((text) => text as StateCas)
    .nullable(),
  applied_digest_after: digest,
  run_id: ulid.transform((text) => text as RunId).nullable(),
  plan_id: ulid.transform((text) => text as PlanId).nullable(),
  actor: z.string().nullable(),
  trigger: z.string().nullable(),
  git: z
    .strictObject({ commit: z.string(), ref: z.string().nullable(), repository: z.string().nullable() })
    .nullable(),
  bundle_digest: digest.nullable(),
  config_digest: z.string().nullable(),
  changes: z.array(
    z.strictObject({
      address: z.string(),
      operation: z.enum(["create", "update", "delete"]),
      before_digest: z.string().nullable(),
      after_digest: z.string().nullable(),
      operation_id: operationId.nullable(),
    }),
  ),
  approvals_consumed: z.array(
    z.strictObject({
      approval_id: ulid.transform((text) => text as ApprovalId),
      address: z.string(),
      operation_id: operationId.nullable(),
    }),
  ),
  recovered: z.array(
    z.strictObject({
      operation_id: operationId,
      graph: graphId.transform((text) => text as GraphId),
      outcome: z.string(),
    }),
  ),
  resources: z.record(z.string(), z.string()),
  graphs: z.record(
    graphId,
    z.strictObject({
      manifest_version: z.int().nonnegative(),
      incarnation: ulid.transform((text) => text as IncarnationId).nullable(),
    }),
  ),
  protected: z.array(graphId.transform((text) => text as GraphId)).default([]),
  bindings: z.record(z.string(), bindingShape).default({}),
  at: z.string().nullable(),
});

function sorted<Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => compareBytes(a, b)));
}

/** The bytes of a receipt. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const document: Omit<Receipt, "protected" | "bindings"> & Partial<Receipt> = {
    format_version: receipt.format_version,
    revision: receipt.revision,
    parent_revision: receipt.parent_revision,
    commit_id: receipt.commit_id,
    parent_commit_id: receipt.parent_commit_id,
    parent_receipt_digest: receipt.parent_receipt_digest,
    kind: receipt.kind,
    state_cas_before: receipt.state_cas_before,
    applied_digest_after: receipt.applied_digest_after,
    run_id: receipt.run_id,
    plan_id: receipt.plan_id,
    actor: receipt.actor,
    trigger: receipt.trigger,
    git: receipt.git,
    bundle_digest: receipt.bundle_digest,
    config_digest: receipt.config_digest,
    changes: receipt.changes,
    approvals_consumed: receipt.approvals_consumed,
    recovered: receipt.recovered,
    resources: sorted(receipt.resources),
    graphs: sorted(receipt.graphs),
    ...(receipt.protected.length === 0 ? {} : { protected: [...receipt.protected].sort(compareBytes) }),
    ...(Object.keys(receipt.bindings).length === 0 ? {} : { bindings: sortedBindings(receipt.bindings) }),
    at: receipt.at,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The digest that marker, head and the next receipt name. */
export function receiptDigest(bytes: Uint8Array): Digest {
  return sha256(bytes);
}

/** The receipt in `bytes`, or what is wrong with them. A newer format is wrong for this program. */
export function decodeReceipt(bytes: Uint8Array): ReceiptDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", problem: document.message };
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return { tag: "decoded", receipt: parsed.data };
  return { tag: "invalid", problem: firstIssue(parsed.error) };
}
