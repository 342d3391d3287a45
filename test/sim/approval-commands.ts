/** The commands around approvals, as a second person gives them. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { listApprovals } from "../../lib/operate/list-approvals.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { answerOf, apply, asker } from "./commands.ts";
import type { Answer, Notes, Task } from "./tasks.ts";

const APPROVER = "bob";
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export async function approve(
  ports: ClusterPorts,
  task: Extract<Task, { kind: "approve" }>,
): Promise<Answer> {
  const made = await planCluster(ports, { ...asker(task.config), targets: null, keep: true });
  if (made.plan === null) return answerOf("refused", false, made.output.diagnostics);
  return approvePlan(ports, made.plan, task.tolerance, task.loss);
}

async function approvePlan(
  ports: ClusterPorts,
  plan: PlanDocument,
  tolerance: number,
  loss: boolean,
): Promise<Answer> {
  const gated = plan.approvals_required.map((gate) => gate.resource);
  const drops = plan.changes.filter((change) =>
    change.migration?.steps.some((step) => step.kind.startsWith("drop")),
  );
  const resources = new Set([...gated, ...(loss ? drops.map((change) => change.resource) : [])]);
  const diagnostics: Diagnostic[] = [];
  for (const resource of resources) {
    const data_loss = resource.startsWith("schema.");
    const given = await approveChange(ports, {
      ...{ config_dir: "demo", resource, plan_id: plan.plan_id, actor: APPROVER },
      ...{ data_loss, tolerance, lifetime_ms: LIFETIME_MS, reason: null },
    });
    diagnostics.push(...given.output.diagnostics);
  }
  return answerOf(resources.size === 0 ? "noop" : "applied", null, diagnostics);
}

export async function purge(ports: ClusterPorts, task: Extract<Task, { kind: "purge" }>): Promise<Answer> {
  const command = { ...asker(task.config), targets: null, keep: true, purge: task.graph as GraphId };
  const made = await planCluster(ports, command);
  if (made.plan === null) return answerOf("refused", false, made.output.diagnostics);
  const approved = await approvePlan(ports, made.plan, 0, true);
  if (approved.outcome !== "applied" || approved.codes.length > 0) return { ...approved, outcome: "refused" };
  return apply(ports, task.config, { reviewed: made.plan });
}

/** What could be taken back is void from the moment of the answer on (C3). */
export async function revoke(ports: ClusterPorts, notes: Notes): Promise<Answer> {
  const listed = await listApprovals(ports, { config_dir: "demo", all: false });
  const diagnostics: Diagnostic[] = [...listed.diagnostics];
  for (const { approval_id } of listed.approvals) {
    const command = { config_dir: "demo", approval_id, actor: APPROVER, reason: null };
    const revoked = await revokeApproval(ports, command);
    if (revoked.revoked_by !== undefined) notes.onRevoked(approval_id);
    diagnostics.push(...revoked.diagnostics);
  }
  return answerOf("applied", null, diagnostics);
}
