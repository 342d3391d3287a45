/**
 * The approve command: somebody says that one change of a stored plan may happen (design 8, spec/cluster 10).
 *
 *   1. read the plan, the ledger and whose root this is
 *   2. find what the plan says of the address, and refuse what needs no approval or would not run with one
 *   3. refuse the plan's own maker where the deployment wants a second person
 *   4. compare the world with what the plan saw, and refuse what has moved
 *   5. put the evidence, then OmniGraph's artifact
 *
 * It takes no lock: an approval permits and changes nothing, and apply asks everything again before it uses one.
 */
import { type ApprovalGiven, giveApproval } from "../apply/approvals/approval-store.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { usableLedger } from "../apply/ledger-facts.ts";
import { storedPlan } from "../apply/planning/plan-store.ts";
import type { Artifact } from "../approval/artifact.ts";
import { type Approver, EVIDENCE_FORMAT_VERSION, type Evidence } from "../approval/evidence.ts";
import { parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type ApprovalId, isUlid, type PlanId } from "../digest/ids.ts";
import { checkDeployment } from "../ledger/deployment.ts";
import type { DeploymentRules } from "../ledger/deployment-rules.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { type ApprovalSubject, approvableOf } from "../plan/approvable.ts";
import { type PlanDocument, planDigest } from "../plan/plan-document.ts";
import { formatTimestamp } from "../ports/clock.ts";
import { type ApproveOutput, approveOutput } from "./approve-output.ts";
import { type NamedActor, namedActor } from "./named-actor.ts";
import { reviewedChange } from "./reviewed-change.ts";
import type { BoundGraph } from "./reviewed-graph.ts";

export interface ApproveCommand {
  readonly config_dir: string;
  /** The address, as typed. */
  readonly resource: string;
  /** The id of a stored plan, as typed. */
  readonly plan_id: string;
  readonly actor: string | null;
  /** How a deployment knows the actor; absent on a folder. */
  readonly approver?: Approver;
  /** A duty of the cluster's policy wants the change approved, gate or not. */
  readonly demanded?: boolean;
  /** The approver says that stored data may be destroyed. */
  readonly data_loss: boolean;
  /** Rows that may be written after the plan without making the approval void. */
  readonly tolerance: number;
  /** How long it counts, in milliseconds. */
  readonly lifetime_ms: number;
  readonly reason: string | null;
}

export interface ApprovedChange {
  readonly output: ApproveOutput;
  /** Of the approval that was given, or may have been; null if none was, or if who gave it may not see it. */
  readonly evidence: Evidence | null;
}

export async function approveChange(ports: ClusterPorts, command: ApproveCommand): Promise<ApprovedChange> {
  const refused = (diagnostics: readonly Diagnostic[]): ApprovedChange => ({
    output: approveOutput(command.config_dir, null, diagnostics),
    evidence: null,
  });
  const named = namedActor(command.actor, command.reason, "approve");
  if (named.tag === "refused") return refused(named.diagnostics);
  const found = await findSubject(ports, command);
  if (found.tag === "refused") return refused(found.diagnostics);
  const { plan, subject, ledger } = found;
  const same = samePerson(plan, named, ports.rules.self_approval);
  if (same?.severity === "error") return refused([same]);
  const { change, operation, graph } = subject;
  const review = { plan, change, operation, graph, ledger };
  const reviewed = await reviewedChange(ports, review, command.tolerance);
  if (reviewed.tag === "refused") return refused(reviewed.diagnostics);
  const evidence = evidenceOf(ports, command, { ...found, actor: named.actor, bound: reviewed.bound });
  const given = await giveApproval(ports, evidence, artifactOf(evidence, subject));
  const warnings = same === null ? [] : [same];
  const failure = failureOf(evidence, given);
  if (given.tag === "refused") return refused([...warnings, ...failure]);
  const output = approveOutput(command.config_dir, evidence, [...warnings, ...failure]);
  return { output, evidence };
}

interface Subject {
  readonly plan: PlanDocument;
  readonly subject: ApprovalSubject;
  readonly ledger: ReadyLedger;
}

type FoundSubject =
  | ({ readonly tag: "found" } & Subject)
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** Steps 1 and 2. */
async function findSubject(ports: ClusterPorts, command: ApproveCommand): Promise<FoundSubject> {
  const address = parseAddress(command.resource);
  if (address === null) {
    const message = `"${command.resource}" is not the address of a resource.`;
    return refusal(diagnostic("approval_not_required", { path: command.resource, message }));
  }
  if (!isUlid(command.plan_id)) {
    const message = `"${command.plan_id}" is not the id of a plan.`;
    return refusal(diagnostic("plan_not_found", { path: command.plan_id, message, fix: GIVE_PLAN }));
  }
  const [decoded, reading, deployment] = await Promise.all([
    storedPlan(ports, command.plan_id as PlanId),
    readLedger(ports, { repair: false }),
    checkDeployment(ports, ports.lease_table),
  ]);
  if (deployment.tag === "refused") return { tag: "refused", diagnostics: deployment.diagnostics };
  const usable = usableLedger(reading, "approve");
  if (usable.tag === "unusable") return { tag: "refused", diagnostics: usable.diagnostics };
  if (decoded.tag === "invalid") {
    return { tag: "refused", diagnostics: decoded.diagnostics.map((each) => ({ ...each, fix: GIVE_PLAN })) };
  }
  const { plan } = decoded;
  const approvable = approvableOf(plan, address.address, command.data_loss, command.demanded);
  const path = command.resource;
  switch (approvable.tag) {
    case "approvable":
      return { tag: "found", plan, subject: approvable.subject, ledger: usable.ledger };
    case "not_required": {
      const message = `The plan ${plan.plan_id} has no gate for this: ${approvable.detail}.`;
      return refusal(diagnostic("approval_not_required", { path, message }));
    }
    case "needs_data_loss": {
      const message = `${path} would lose ${approvable.rows} stored values for good.`;
      return refusal(diagnostic("approval_needs_data_loss", { path, message }));
    }
    case "blocked": {
      const facts = {
        path,
        message: approvable.detail,
        fix: `First, ${approvable.advice}; then plan again.`,
      };
      return refusal(diagnostic("approval_change_blocked", facts));
    }
    default:
      return assertNever(approvable);
  }
}

const GIVE_PLAN =
  "Run `graphform plan`: where something can be approved, it stores the plan and prints its id.";

function refusal(problem: Diagnostic): FoundSubject {
  return { tag: "refused", diagnostics: [problem] };
}

/** Step 3. A plan that nobody is known to have made may be the approver's own. */
function samePerson(
  plan: PlanDocument,
  { actor }: NamedActor,
  rule: DeploymentRules["self_approval"],
): Diagnostic | null {
  const path = "approved_by";
  if (plan.actor === actor) {
    const message = `${actor} made the plan and approves it.`;
    if (rule === "refused") return diagnostic("approval_self_given", { path, message });
    const fix =
      "Nothing to do, if this is meant; in a deployment for more than one person, let its rules refuse it.";
    return diagnostic("approval_self_given", { path, message, severity: "warning", fix });
  }
  if (plan.actor !== null || rule === "allowed") return null;
  const message = "It is not known who made the plan, so it may be the approver.";
  return diagnostic("approval_self_given", {
    path,
    message,
    fix: "Plan again and say who you are with --as.",
  });
}

interface Bound extends Subject {
  readonly actor: string;
  readonly bound: BoundGraph;
}

function evidenceOf(ports: ClusterPorts, command: ApproveCommand, approved: Bound): Evidence {
  const { plan, subject, ledger, actor, bound } = approved;
  const { change } = subject;
  const now = ports.clock.nowMs();
  return {
    format_version: EVIDENCE_FORMAT_VERSION,
    approval_id: ports.ids.next() as ApprovalId,
    resource: change.resource,
    operation: subject.operation,
    plan_id: plan.plan_id,
    plan_digest: planDigest(plan),
    config_digest: plan.made_from.config_digest,
    before_digest: change.before_digest ?? null,
    after_digest: change.after_digest ?? null,
    graph: subject.graph,
    ...bound,
    rows: subject.rows,
    tolerance: command.tolerance,
    state_revision: ledger.identity.revision,
    approved_by: actor,
    ...(command.approver === undefined ? {} : { approver: command.approver }),
    submitted_by: plan.actor,
    self_approval: ports.rules.self_approval,
    reason: command.reason,
    created_at: formatTimestamp(now),
    expires_at: formatTimestamp(now + command.lifetime_ms),
    change_id: ports.ids.next(),
    state: { tag: "open" },
  };
}

function artifactOf(evidence: Evidence, { change, gate_reason }: ApprovalSubject): Artifact {
  return {
    schema_version: 1,
    approval_id: evidence.approval_id,
    resource: evidence.resource,
    operation: change.operation,
    reason: gate_reason,
    bound_config_digest: evidence.config_digest,
    bound_before_digest: evidence.before_digest,
    bound_after_digest: evidence.after_digest,
    approved_by: evidence.approved_by,
    created_at: evidence.created_at,
    consumed_at: null,
    consumed_by_operation: null,
  };
}

function failureOf({ approval_id }: Evidence, given: ApprovalGiven): readonly Diagnostic[] {
  const path = approval_id;
  switch (given.tag) {
    case "given":
      return [];
    case "refused": {
      const message = `The approval was not given: ${given.reason}.`;
      return [diagnostic("approval_write_error", { path, message })];
    }
    case "unknown": {
      const message = `It is not known whether the approval ${approval_id} was given: ${given.reason}.`;
      const fix = `\`graphform approvals show ${approval_id}\` tells; \`graphform approvals revoke ${approval_id}\` takes it back.`;
      return [diagnostic("approval_write_error", { path, message, fix })];
    }
    default:
      return assertNever(given);
  }
}
