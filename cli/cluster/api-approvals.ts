/** Approvals of a deployment: given, seen and taken back by whoever the deployment says the caller is. */
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { isUlid } from "../../lib/digest/ids.ts";
import type { ApprovalSummary } from "../../lib/operate/approval-summary.ts";
import type { ApprovedChange } from "../../lib/operate/approve-change.ts";
import type { ApproveOutput } from "../../lib/operate/approve-output.ts";
import type { ApprovalOutput, ApprovalsOutput } from "../../lib/operate/list-approvals.ts";
import type { RevokeOutput } from "../../lib/operate/revoke-approval.ts";
import { type ApiContext, given, local, withClient } from "./api-cluster.ts";
import { type Answered, type ApproveRequest, answered, unanswered } from "./cluster.ts";

/** Approvals that are listed; a deployment keeps all that ever were. */
const APPROVALS_LISTED_MAX = 1_000;

export async function approveApi(
  asked: ApiContext,
  request: ApproveRequest,
): Promise<Answered<ApprovedChange>> {
  if (!isUlid(request.plan_id)) {
    const message = `No plan is stored under the id "${request.plan_id}".`;
    return unanswered([diagnostic("plan_not_found", { path: request.plan_id, message })]);
  }
  return withClient(asked, async (client) => {
    const { resource, plan_id, data_loss, tolerance, lifetime_ms, reason } = request;
    const expires_in = Math.ceil(lifetime_ms / 1000);
    const body = { address: resource, plan_id, data_loss, tolerance, expires_in, ...given({ reason }) };
    const answer = await local(asked, client.post<ApproveOutput>("approvals", body));
    if (answer.tag !== "answered") return answer;
    const output = answer.output;
    if (output.approval_id === undefined) return answered({ output, evidence: null });
    // It is given, whether or not who gave it may see what there is.
    const shown = await client.get<ApprovalOutput>(`approvals/${output.approval_id}`);
    const evidence = shown.tag === "failed" ? null : (shown.value.approval?.evidence ?? null);
    return answered({ output, evidence });
  });
}

export async function approvalsApi(asked: ApiContext, all: boolean): Promise<Answered<ApprovalsOutput>> {
  return withClient(asked, async (client) => {
    const query = { all };
    const listed = await client.list<ApprovalSummary>("approvals", query, APPROVALS_LISTED_MAX);
    if (listed.tag === "failed") return unanswered(listed.diagnostics);
    const first = await client.getObject("approvals", { ...query, limit: 1 });
    if (first.tag === "failed") return unanswered(first.diagnostics);
    const over_count = Number(first.value["over_count"] ?? 0);
    const diagnostics = (first.value["diagnostics"] ?? []) as readonly Diagnostic[];
    const { config_dir } = asked.context;
    const approvals = listed.value;
    return answered({ ok: true, format_version: 1, config_dir, approvals, over_count, diagnostics });
  });
}

export async function approvalApi(asked: ApiContext, id: string): Promise<Answered<ApprovalOutput>> {
  return withClient(asked, (client) =>
    local(asked, client.get<ApprovalOutput>(`approvals/${encodeURIComponent(id)}`)),
  );
}

export async function revokeApi(
  asked: ApiContext,
  id: string,
  reason: string | null,
): Promise<Answered<RevokeOutput>> {
  return withClient(asked, (client) =>
    local(asked, client.post<RevokeOutput>(`approvals/${encodeURIComponent(id)}/revoke`, given({ reason }))),
  );
}
