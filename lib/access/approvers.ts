/**
 * Approvers: who has approved the changes of a plan, for policies that demand it (spec/policy 5.7). Only approvals
 * that count now are looked at, and everybody is asked about again, so that somebody who may not approve any more
 * stops counting.
 */
import {
  type CountingApprovals,
  countingApprovals,
  type SeenHead,
} from "../apply/approvals/find-approvals.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { inWaves } from "../apply/wave.ts";
import type { Evidence } from "../approval/evidence.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import { compareBytes } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { type ApprovalSubject, demandedChange, gatedChanges } from "../plan/approvable.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";

export interface ApprovedChanges {
  readonly approvers: readonly string[];
  /** The fewest approvers of a change that needs one; 0 if there is none. */
  readonly approval_count: number;
  /** Gated changes that somebody has approved: they run although the plan shows them as waiting. */
  readonly approved: readonly ApprovalSubject[];
  /** Every change that may need approvals, with how many people have given theirs. */
  readonly given: readonly { readonly change: Change; readonly approvers: number }[];
}

export type ApproversFound =
  | ({ readonly tag: "found" } & ApprovedChanges)
  | { readonly tag: "unavailable"; readonly reason: string };

export interface ApproversQuestion {
  readonly plan: PlanDocument;
  readonly ledger: ReadyLedger | null;
  readonly authors: readonly string[];
  /** Does a duty want this change approved, gate or not? */
  readonly demanded: (change: Change) => boolean;
  /** May this approver still approve this change? */
  readonly mayApprove: (evidence: Evidence, subject: ApprovalSubject) => boolean;
}

export async function approversOf(
  ports: ClusterPorts,
  { plan, ledger, authors, demanded, mayApprove }: ApproversQuestion,
): Promise<ApproversFound> {
  const gated = [...gatedChanges(plan), ...demandedChanges(plan, demanded)];
  if (gated.length === 0) return { tag: "found", approvers: [], approval_count: 0, approved: [], given: [] };
  const found = await approvalsOf(ports, plan, ledger, gated);
  if (found.tag === "unavailable") return found;
  const own = ports.rules.self_approval === "allowed" ? [] : authors;
  const byChange = gated.map((subject, index) => {
    const counting = found.approvals[index]!.filter(
      (evidence) => !own.includes(evidence.approved_by) && mayApprove(evidence, subject),
    );
    return { subject, names: [...new Set(counting.map((each) => each.approved_by))] };
  });
  const approved = byChange.filter(({ names }) => names.length > 0);
  // Drops that nobody asked to destroy only hide, and need no approval.
  const needing = byChange.filter(({ subject, names }) => names.length > 0 || !onlyOffered(plan, subject));
  const counts = needing.map(({ names }) => names.length);
  return {
    tag: "found",
    approvers: [...new Set(approved.flatMap(({ names }) => names))].sort(compareBytes),
    approval_count: counts.length === 0 ? 0 : Math.min(...counts),
    approved: approved.map(({ subject }) => subject),
    given: byChange.map(({ subject, names }) => ({ change: subject.change, approvers: names.length })),
  };
}

/** Those that run and have no gate of their own. What goes with its graph is approved with it. */
function demandedChanges(
  plan: PlanDocument,
  demanded: (change: Change) => boolean,
): readonly ApprovalSubject[] {
  const gone = new Set(plan.changes.flatMap(deletedGraph));
  return plan.changes.flatMap((change) => {
    const gate = plan.approvals_required.some((each) => each.resource === change.resource);
    const graph = graphOf(change.resource);
    const free = gate || (graph !== null && gone.has(graph));
    return change.disposition === "applied" && !free && demanded(change) ? [demandedChange(change)] : [];
  });
}

function deletedGraph({ resource, operation }: Change): readonly GraphId[] {
  const address = parseAddress(resource);
  return address?.kind === "graph" && operation === "delete" ? [address.graph] : [];
}

function graphOf(resource: Address): GraphId | null {
  const address = parseAddress(resource);
  return address !== null && "graph" in address ? address.graph : null;
}

function onlyOffered(plan: PlanDocument, { change, operation }: ApprovalSubject): boolean {
  return operation !== "change" && !plan.approvals_required.some((each) => each.resource === change.resource);
}

async function approvalsOf(
  ports: ClusterPorts,
  plan: PlanDocument,
  ledger: ReadyLedger | null,
  gated: readonly ApprovalSubject[],
): Promise<CountingApprovals> {
  const ids = [...new Set(gated.flatMap(({ graph }) => (graph === null ? [] : [graph])))];
  const seen = await inWaves(ids, async (graph) => [graph, await seenHead(ports, graph)] as const);
  const changes = gated.map(({ change, operation, graph }) => ({
    resource: change.resource,
    operation,
    before_digest: change.before_digest ?? null,
    after_digest: change.after_digest ?? null,
    graph,
  }));
  return countingApprovals(ports, {
    gated: changes,
    config_digest: plan.made_from.config_digest,
    graphs: new Map(seen),
    ledger,
    submitter: plan.actor,
  });
}

async function seenHead({ engine }: ClusterPorts, graph: GraphId): Promise<SeenHead> {
  const observation = await engine.observe(graph);
  if (observation.tag !== "live") return { version: null, incarnation: null, rows_written: null };
  const { version, incarnation, rows_written } = observation.head;
  return { version, incarnation, rows_written };
}
