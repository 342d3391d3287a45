/** An approval of a graph delete, with every field set, and its artifact. */
import type { Artifact } from "../../lib/approval/artifact.ts";
import type { Evidence, Reservation } from "../../lib/approval/evidence.ts";
import { graphAddress } from "../../lib/desired/address.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { ApprovalId, GraphId, IncarnationId, OperationId, PlanId, RunId } from "../../lib/digest/ids.ts";

export const APPROVAL = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as ApprovalId;
export const BOOKS = "books" as GraphId;
const CHANGE = "01ARZ3NDEKTSV4RRFFQ69G5FB0";

export const RESERVATION: Reservation = {
  operation_id: "01ARZ3NDEKTSV4RRFFQ69G5FB1" as OperationId,
  run_id: "01ARZ3NDEKTSV4RRFFQ69G5FB2" as RunId,
  graph: BOOKS,
  expect: 7,
};

export const EVIDENCE: Evidence = {
  format_version: 1,
  approval_id: APPROVAL,
  resource: graphAddress(BOOKS),
  operation: "delete",
  plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FB3" as PlanId,
  plan_digest: sha256("plan"),
  config_digest: sha256("config"),
  before_digest: sha256("before"),
  after_digest: null,
  graph: BOOKS,
  incarnation: "01ARZ3NDEKTSV4RRFFQ69G5FB4" as IncarnationId,
  manifest_version: 7,
  rows: 120,
  rows_written: 150,
  tolerance: 10,
  state_revision: 4,
  approved_by: "dana",
  submitted_by: "ana",
  self_approval: "refused",
  reason: "nobody reads it any more",
  created_at: "2026-01-02T03:04:05Z",
  expires_at: "2026-01-09T03:04:05Z",
  change_id: CHANGE,
  state: { tag: "open" },
};

export const ARTIFACT: Artifact = {
  schema_version: 1,
  approval_id: APPROVAL,
  resource: EVIDENCE.resource,
  operation: "delete",
  reason: "delete may remove deployed graph or schema definition",
  bound_config_digest: EVIDENCE.config_digest,
  bound_before_digest: EVIDENCE.before_digest,
  bound_after_digest: null,
  approved_by: "dana",
  created_at: EVIDENCE.created_at,
  consumed_at: null,
  consumed_by_operation: null,
};
