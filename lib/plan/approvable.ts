/**
 * Approvable: what of a plan somebody can approve, and what the approval would be for (design 8). Pure.
 *
 * Open gates are the plan's own. A schema change that drops something has none, because its drops hide and do not
 * destroy; an approval with `data_loss` makes them destroy.
 */
import type { ApprovedOperation } from "../approval/evidence.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { MigrationStep } from "../schema/migration.ts";
import type { Change } from "./change.ts";
import { DATA_LOSS_REASON } from "./gates.ts";
import type { PlanDocument } from "./plan-document.ts";
import { blockedMessage, reasonAdvice } from "./reason-text.ts";

export interface ApprovalSubject {
  readonly change: Change;
  readonly operation: ApprovedOperation;
  /** Null for a policy. */
  readonly graph: GraphId | null;
  /** Rows or values that would be lost; null where nothing is lost or nobody could count. */
  readonly rows: number | null;
  /** The text of the gate. */
  readonly gate_reason: string;
}

export type Approvable =
  | { readonly tag: "approvable"; readonly subject: ApprovalSubject }
  | { readonly tag: "not_required"; readonly detail: string }
  | { readonly tag: "needs_data_loss"; readonly rows: number | null }
  | { readonly tag: "blocked"; readonly detail: string; readonly advice: string };

/**
 * What an approval of this address would be for. `data_loss`: the approver says that data may be lost. `demanded`: a
 * duty of the cluster's policy wants the change approved, gate or not.
 */
export function approvableOf(
  plan: PlanDocument,
  resource: Address,
  data_loss: boolean,
  demanded = false,
): Approvable {
  const change = plan.changes.find((each) => each.resource === resource);
  if (change === undefined) return { tag: "not_required", detail: `the plan does not change ${resource}` };
  const gated = operationOf(plan, change);
  const offered = gated === "data_loss" && !data_loss && demanded;
  const operation = demanded && (gated === null || offered) ? "change" : gated;
  if (operation === null) return { tag: "not_required", detail: ungatedText(change) };
  if (losesValues(operation) && !data_loss)
    return { tag: "needs_data_loss", rows: rowsOf(change, operation) };
  if (!losesValues(operation) && data_loss) {
    return { tag: "not_required", detail: `--data-loss is for schema changes, not for ${resource}` };
  }
  const { reason } = change;
  if (reason !== undefined && reason !== "approval_required") {
    return { tag: "blocked", detail: blockedMessage(change), advice: reasonAdvice(reason) };
  }
  const gate = plan.approvals_required.find((each) => each.resource === resource);
  const subject: ApprovalSubject = {
    change,
    operation,
    graph: operation === "change" ? null : graphIn(change),
    rows: rowsOf(change, operation),
    gate_reason: gate?.reason ?? (operation === "change" ? DEMANDED_REASON : DATA_LOSS_REASON),
  };
  return { tag: "approvable", subject };
}

const DEMANDED_REASON = "a duty of the policy of the cluster demands it";

/** A change without a gate that a duty wants approved, as an approval of it has to name it. */
export function demandedChange(change: Change): ApprovalSubject {
  return { change, operation: "change", graph: null, rows: null, gate_reason: DEMANDED_REASON };
}

/** What can be approved of a plan, in the order of its changes: a stored plan is of use only if there is something. */
export interface ApprovalOffer {
  readonly resource: Address;
  readonly operation: ApprovedOperation;
  /** The change waits for it; false for drops, which only hide as long as nobody asks for more. */
  readonly required: boolean;
}

export function approvalOffers(plan: PlanDocument): readonly ApprovalOffer[] {
  return plan.changes.flatMap((change) => {
    const operation = operationOf(plan, change);
    const gate = plan.approvals_required.find((each) => each.resource === change.resource);
    if (operation === null || gate?.satisfied === true) return [];
    if (change.reason !== undefined && change.reason !== "approval_required") return [];
    return [{ resource: change.resource, operation, required: gate !== undefined }];
  });
}

/** Every change of the plan that has a gate, open or not, as an approval of it has to name it. */
export function gatedChanges(plan: PlanDocument): readonly ApprovalSubject[] {
  return plan.changes.flatMap((change) => {
    const operation = operationOf(plan, change);
    const gate = plan.approvals_required.find((each) => each.resource === change.resource);
    if (operation === null || (gate === undefined && operation !== "data_loss")) return [];
    const gate_reason = gate?.reason ?? DATA_LOSS_REASON;
    return [{ change, operation, graph: graphIn(change), rows: rowsOf(change, operation), gate_reason }];
  });
}

/**
 * True if the plan is of use under its id: somebody can approve it, or it is not the plan of a config and cannot be made
 * again by applying one.
 */
export function isWorthKeeping(plan: PlanDocument): boolean {
  return plan.changes.some((change) => change.purge === true) || approvalOffers(plan).length > 0;
}

function operationOf(plan: PlanDocument, change: Change): ApprovedOperation | null {
  const kind = parseAddress(change.resource)?.kind;
  if (kind === "schema" && change.operation === "update") {
    if (change.purge === true) return "purge";
    return (change.migration?.steps ?? []).some(isDrop) ? "data_loss" : null;
  }
  const gated = plan.approvals_required.some((gate) => gate.resource === change.resource);
  if (!gated) return null;
  if (kind === "policy") return "access";
  return kind === "graph" && change.operation === "delete" ? "delete" : null;
}

function isDrop(step: MigrationStep): boolean {
  return step.kind === "drop_type" || step.kind === "drop_property";
}

function losesValues(operation: ApprovedOperation): boolean {
  return operation === "data_loss" || operation === "purge";
}

function graphIn({ resource }: Change): GraphId | null {
  const address = parseAddress(resource);
  return address !== null && "graph" in address ? address.graph : null;
}

function rowsOf(change: Change, operation: ApprovedOperation): number | null {
  switch (operation) {
    case "delete":
      return change.rows ?? null;
    case "access":
    case "change":
      return null;
    case "data_loss":
    case "purge":
      return valuesLost(change);
  }
}

/** Drops alone: what else a migration hides, it hides whether or not somebody approves. */
function valuesLost({ migration }: Change): number {
  const drops = new Set((migration?.steps ?? []).flatMap((step, index) => (isDrop(step) ? [index] : [])));
  const lost = (migration?.impact ?? []).filter((each) => drops.has(each.step));
  return lost.reduce((sum, each) => sum + each.values_lost, 0);
}

function ungatedText(change: Change): string {
  const address = parseAddress(change.resource);
  if (address === null || !("graph" in address) || change.operation !== "delete") {
    return `the plan would ${change.operation} ${change.resource}, which needs no approval`;
  }
  return `${change.resource} goes with its graph; what needs the approval is graph.${address.graph}`;
}
