/** Approvals: who said that a change may happen, and taking that back. */
import { z } from "@hono/zod-openapi";
import type { ApprovalDemand } from "../access/access.ts";
import { authorsOf } from "../access/authors.ts";
import { readOneEvidence } from "../apply/approvals/approval-store.ts";
import { storedPlan } from "../apply/planning/plan-store.ts";
import type { Evidence } from "../approval/evidence.ts";
import { type ApprovalId, isUlid, type PlanId } from "../digest/ids.ts";
import { APPROVAL_LIFETIME_MS } from "../operate/limits.ts";
import type { ApprovalOutput } from "../operate/list-approvals.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { promptDrain } from "../worker/prompt.ts";
import type { ClusterExchange } from "./api.ts";
import { planIdShape, reasonShape } from "./body-shapes.ts";
import { approvalShape, approveShape, commandShape } from "./document-shapes.ts";
import { jsonAnswer } from "./json-answer.ts";
import { APPROVAL_SECONDS_MAX } from "./limits.ts";
import { answeredBefore, once } from "./once.ts";
import { commandAnswer } from "./operate-answer.ts";
import { pageOf, pageQuery, pageShape, pageStart, sliceAfter } from "./page.ts";
import { hiddenCluster, MAY_FORCE, permit, undecided } from "./permit.ts";
import { type Refusal, refusal } from "./problem.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

const list = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/approvals",
    operation: "listApprovals",
    summary: "Approvals and how they stand, oldest first",
    query: pageQuery.extend({ all: z.enum(["true", "false"]).default("false") }),
    answers: { 200: { description: "A page", shape: pageShape(approvalShape) } },
  },
  "cluster_read_status",
  async (exchange, { query }) => {
    const start = await pageStart(exchange, query.page);
    if (start.tag === "refused") return start.refusal;
    const command = { config_dir: exchange.cluster, all: query.all === "true" };
    const { listApprovals } = await import("../operate/list-approvals.ts");
    const output = await listApprovals(exchange.ports, command);
    if (!output.ok) return refusalOf(output.diagnostics);
    const slice = sliceAfter(output.approvals, (each) => each.approval_id, start.after, query.limit);
    const page = await pageOf(exchange, slice.items, slice.after);
    if ("status" in page) return page;
    const { over_count, diagnostics } = output;
    return jsonAnswer({ ...page, over_count, diagnostics });
  },
);

const show = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/approvals/{approval}",
    operation: "getApproval",
    summary:
      "One approval, with evidence (without the approver's proofs), artifact and the revision that used it",
    answers: { 200: { description: "The approval", shape: commandShape } },
  },
  "cluster_read_status",
  async ({ ports, cluster, params }) => {
    const approval_id = params["approval"] ?? "";
    const { showApproval } = await import("../operate/list-approvals.ts");
    return commandAnswer(withoutProofs(await showApproval(ports, { config_dir: cluster, approval_id })));
  },
);

/** Who gave it is for whoever reads; how they proved it, and their groups, are for policy and the audit. */
function withoutProofs(output: ApprovalOutput) {
  const evidence = output.approval?.evidence;
  if (evidence?.approver === undefined) return output;
  const { source, canonical } = evidence.approver;
  const shown = { ...evidence, approver: { source, canonical } };
  return { ...output, approval: { ...output.approval, evidence: shown } };
}

const approveBody = z.strictObject({
  address: z.string().max(512),
  plan_id: planIdShape,
  data_loss: z.boolean().default(false),
  tolerance: z.int().nonnegative().default(0),
  /** Seconds. */
  expires_in: z.int().positive().max(APPROVAL_SECONDS_MAX).optional(),
  reason: reasonShape,
});

const approve = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/approvals",
    operation: "approveChange",
    summary: "The caller says that one change of a stored plan may happen",
    body: approveBody,
    answers: { 201: { description: "The approval", shape: approveShape } },
  },
  null,
  async (exchange, { body }) => {
    const { ports, caller, cluster } = exchange;
    const stored = await storedPlan(ports, body.plan_id);
    if (stored.tag === "invalid") return (await hiddenCluster(exchange)) ?? refusalOf(stored.diagnostics);
    const denied = await permitApproval(exchange, stored.plan, body.address);
    if (denied !== null) return answeredBefore(exchange, denied, body);
    const demand = await demandOf(exchange, stored.plan, body.address);
    if (demand.tag === "failed") return undecided(exchange, demand.reason);
    return once(exchange, body, async () => {
      const { source, canonical, amr, claim_groups } = caller;
      const { approveChange } = await import("../operate/approve-change.ts");
      const { output } = await approveChange(ports, {
        config_dir: cluster,
        resource: body.address,
        plan_id: body.plan_id,
        actor: caller.actor,
        approver: { source, canonical, amr, claim_groups },
        demanded: demand.tag === "demanded",
        data_loss: body.data_loss,
        tolerance: body.tolerance,
        lifetime_ms: body.expires_in === undefined ? APPROVAL_LIFETIME_MS : body.expires_in * 1000,
        reason: body.reason ?? null,
      });
      if (!output.ok) return refusalOf(output.diagnostics);
      // A run may be waiting for it.
      await promptDrain(exchange.api.deployment, cluster);
      return jsonAnswer(output, 201);
    });
  },
);

function demandOf(
  { api, ports }: ClusterExchange,
  plan: PlanDocument,
  address: string,
): Promise<ApprovalDemand> {
  const change = plan.changes.find((each) => each.resource === address);
  return change === undefined ? Promise.resolve({ tag: "free" }) : api.access.demandsApproval(ports, change);
}

async function permitApproval(
  exchange: ClusterExchange,
  plan: PlanDocument,
  address: string,
): Promise<Refusal | null> {
  const authors = await authorsOf(exchange.ports, plan, address);
  return permit(exchange, { kind: "approve", plan, address, authors });
}

const revoke = clusterRoute(
  {
    method: "post",
    path: "/v1/clusters/{cluster}/approvals/{approval}/revoke",
    operation: "revokeApproval",
    summary: "The approval is taken back",
    body: z.strictObject({ reason: reasonShape }),
    answers: { 200: { description: "How it stands", shape: commandShape } },
  },
  null,
  async (exchange, { body }) => {
    const { ports, caller, cluster, params } = exchange;
    const approval_id = params["approval"] ?? "";
    const denied = await mayRevoke(exchange, approval_id);
    if (denied !== null) return answeredBefore(exchange, denied, body);
    return once(exchange, body, async () => {
      const reason = body.reason ?? null;
      const command = { config_dir: cluster, approval_id, actor: caller.actor, reason };
      const { revokeApproval } = await import("../operate/revoke-approval.ts");
      return commandAnswer(await revokeApproval(ports, command));
    });
  },
);

/** Who gave it may take it back; so may everybody who could give it. */
async function mayRevoke(exchange: ClusterExchange, id: string): Promise<Refusal | null> {
  const { ports, caller } = exchange;
  const missing = refusal(404, "approval_not_found", id, `There is no approval "${id}".`);
  const read = isUlid(id) ? await readOneEvidence(ports, id as ApprovalId) : ({ tag: "absent" } as const);
  if (read.tag !== "found") {
    const hidden = await hiddenCluster(exchange);
    if (hidden !== null || read.tag === "absent") return hidden ?? missing;
    if (read.tag === "invalid") return permit(exchange, MAY_FORCE);
    return refusal(503, "approval_read_error", id, `The approval could not be read: ${read.reason}.`);
  }
  const { evidence } = read.stored;
  if (evidence.approved_by === caller.actor) return hiddenCluster(exchange);
  const plan = await planOf(exchange, evidence);
  if ("status" in plan) return (await hiddenCluster(exchange)) ?? plan;
  return permitApproval(exchange, plan, evidence.resource);
}

async function planOf({ ports }: ClusterExchange, evidence: Evidence): Promise<PlanDocument | Refusal> {
  const stored = await storedPlan(ports, evidence.plan_id as PlanId);
  return stored.tag === "invalid" ? refusalOf(stored.diagnostics) : stored.plan;
}

export const APPROVAL_ROUTES: readonly ApiRoute[] = [list, show, approve, revoke];
