/** Approvals as a person reads them: what each lets happen, how it stands, who holds it. */
import type { Evidence } from "../../lib/approval/evidence.ts";
import type { Standing } from "../../lib/approval/standing.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import type { ApprovalSummary } from "../../lib/operate/approval-summary.ts";
import type { ApproveOutput } from "../../lib/operate/approve-output.ts";
import type { ApprovalDetail, ApprovalsOutput } from "../../lib/operate/list-approvals.ts";
import { type ApprovalOffer, approvalOffers } from "../../lib/plan/approvable.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { Style } from "../style.ts";
import { commandLine, type Place } from "./command-line.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";

/** Commands listed for one plan; a plan with more gates is approved from its list of changes. */
const OFFERS_LISTED_MAX = 5;

/** What approve says after it. */
export function givenLines(evidence: Evidence): readonly string[] {
  const { tolerance, expires_at } = printableFields(evidence);
  const rows = evidence.rows === null ? [] : [`  ${lossText(evidence.operation, evidence.rows)}`];
  const until = expires_at === null ? "" : `, counts until ${expires_at}`;
  return [
    givenLine(evidence),
    ...rows,
    `  tolerates ${count(tolerance, "row")} written since the plan${until}`,
  ];
}

/** The same to somebody who may approve and not read what there is. */
export function givenUnseenLines(given: GivenApproval): readonly string[] {
  return [givenLine(given), "  until when it counts is shown to who may read the status of the cluster"];
}

export type GivenApproval = Required<
  Pick<ApproveOutput, "approval_id" | "resource" | "operation" | "approved_by">
>;

function givenLine(given: GivenApproval): string {
  const { approval_id, approved_by, resource } = printableFields(given);
  return `cluster approve: ${actText(given.operation)} ${resource} approved by ${approved_by} (approval ${approval_id})`;
}

function actText(operation: Evidence["operation"]): string {
  switch (operation) {
    case "delete":
      return "delete";
    case "data_loss":
      return "data loss of";
    case "purge":
      return "purge of";
    case "access":
      return "wider access by";
    case "change":
      return "change of";
    default:
      return assertNever(operation);
  }
}

function lossText(operation: Evidence["operation"], rows: number): string {
  const noun = operation === "delete" ? "row" : "value";
  return `${count(rows, noun)} would be lost`;
}

export function listLines(output: ApprovalsOutput, style: Style): readonly string[] {
  const { approvals, over_count } = printableFields(output);
  const over = over_count === 0 ? "" : `, ${over_count} used or revoked (--all lists them)`;
  const head = `${style.bold("cluster approvals:")} ${approvals.length === 0 ? "none" : approvals.length} listed${over}`;
  return [head, ...approvals.flatMap((each) => summaryLines(each))];
}

function summaryLines(summary: ApprovalSummary): readonly string[] {
  const { approval_id, operation, resource, approved_by, standing, expires_at } = summary;
  const act = operation === null ? "approval of" : actText(operation);
  const until = standing.state === "open" && expires_at !== null ? `, until ${expires_at}` : "";
  return [
    `  ${approval_id}  ${standing.state}  ${act} ${resource}, by ${approved_by}${until}`,
    ...standingLines(standing).map((line) => `    ${line}`),
  ];
}

function standingLines(standing: Standing): readonly string[] {
  switch (standing.state) {
    case "open":
      return [];
    case "expired":
      return ["it does not count any more; plan again and approve that plan"];
    case "incomplete":
      return ["giving it did not finish, so it does not count; approve again"];
    case "reserved":
      return [`held by the run ${standing.run_id} for its operation ${standing.operation_id}`];
    case "consumed": {
      const by = standing.operation_id === null ? "" : ` by the operation ${standing.operation_id}`;
      return [`used${by}${standing.at === null ? "" : ` at ${standing.at}`}`];
    }
    case "revoked": {
      const why = standing.reason === null ? "" : `: ${standing.reason}`;
      return [`taken back by ${standing.by} at ${standing.at}${why}`];
    }
    case "foreign":
      return ["given by another tool, without evidence; it does not count here"];
    default:
      return assertNever(standing);
  }
}

export function approvalLines(detail: ApprovalDetail): readonly string[] {
  const { summary, consumed_in_revision, evidence } = printableFields(detail);
  const revision = consumed_in_revision === null ? [] : [`  used in revision ${consumed_in_revision}`];
  const why = summary.reason === null ? [] : [`  because: ${summary.reason}`];
  const bound = evidence === null ? [] : boundLines(evidence);
  return [...summaryLines(summary), ...revision, `  given at ${summary.created_at}`, ...why, ...bound];
}

function boundLines(evidence: Evidence): readonly string[] {
  const { plan_id, submitted_by, rows, tolerance, graph, incarnation, manifest_version } = evidence;
  const lost = rows === null ? [] : [`  ${lossText(evidence.operation, rows)}, as the plan said`];
  const graphLines =
    graph === null
      ? []
      : [
          `  bound to graph.${graph} as it was in version ${manifest_version}, incarnation ${incarnation}`,
          `  tolerates ${count(tolerance, "row")} written since`,
        ];
  return [
    `  plan ${plan_id}, made by ${submitted_by ?? "somebody unknown"}`,
    ...lost,
    ...graphLines,
    `  bound to config ${evidence.config_digest}`,
    `  before ${evidence.before_digest ?? "nothing"}, after ${evidence.after_digest ?? "nothing"}`,
  ];
}

/** The commands that approve what a stored plan waits for, or what it could do beyond hiding. */
export function offerLines(plan: PlanDocument, place: Place): readonly string[] {
  const offers = approvalOffers(plan);
  const required = offers.filter((each) => each.required);
  const optional = offers.filter((each) => !each.required);
  return [
    ...section("Needs an approval:", required, plan, place),
    ...section("Drops hide what they drop. To destroy it instead:", optional, plan, place),
  ];
}

function section(
  title: string,
  offers: readonly ApprovalOffer[],
  plan: PlanDocument,
  place: Place,
): readonly string[] {
  if (offers.length === 0) return [];
  const commands = offers.slice(0, OFFERS_LISTED_MAX).map((each) => `  ${offerCommand(each, plan, place)}`);
  const more = offers.length - commands.length;
  return ["", title, ...commands, ...(more === 0 ? [] : [`  ... and ${more} more`])];
}

function offerCommand({ resource, operation }: ApprovalOffer, plan: PlanDocument, place: Place): string {
  const loss = operation === "data_loss" || operation === "purge" ? ["--data-loss"] : [];
  return commandLine(place, "approve", resource, "--plan", plan.plan_id, ...loss);
}
