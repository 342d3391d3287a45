/** One approval as the commands list and show answer it. Field order is the JSON order. Pure. */
import type { Artifact } from "../approval/artifact.ts";
import type { ApprovedOperation, Evidence } from "../approval/evidence.ts";
import { type Standing, type StandingFacts, standingOf } from "../approval/standing.ts";
import type { ApprovalId, PlanId } from "../digest/ids.ts";

export interface ApprovalSummary {
  readonly approval_id: ApprovalId;
  readonly resource: string;
  /** Null if another tool gave it. */
  readonly operation: ApprovedOperation | null;
  readonly standing: Standing;
  readonly approved_by: string;
  readonly submitted_by: string | null;
  readonly plan_id: PlanId | null;
  /** Rows or values that the reviewed plan said would be lost. */
  readonly rows: number | null;
  readonly tolerance: number | null;
  readonly reason: string | null;
  readonly created_at: string;
  readonly expires_at: string | null;
}

export function summaryOf(evidence: Evidence, facts: StandingFacts): ApprovalSummary {
  return {
    approval_id: evidence.approval_id,
    resource: evidence.resource,
    operation: evidence.operation,
    standing: standingOf(evidence, facts),
    approved_by: evidence.approved_by,
    submitted_by: evidence.submitted_by,
    plan_id: evidence.plan_id,
    rows: evidence.rows,
    tolerance: evidence.tolerance,
    reason: evidence.reason,
    created_at: evidence.created_at,
    expires_at: evidence.expires_at,
  };
}

/** An approval that has no evidence, because another tool gave it. */
export function foreignSummary(approval_id: ApprovalId, artifact: Artifact): ApprovalSummary {
  const { consumed_at } = artifact;
  return {
    approval_id,
    resource: artifact.resource,
    operation: null,
    standing:
      consumed_at === null
        ? { state: "foreign" }
        : { state: "consumed", operation_id: null, at: consumed_at },
    approved_by: artifact.approved_by,
    submitted_by: null,
    plan_id: null,
    rows: null,
    tolerance: null,
    reason: null,
    created_at: artifact.created_at,
    expires_at: null,
  };
}
