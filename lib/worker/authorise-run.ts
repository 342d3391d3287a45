/**
 * Asks policy again, under the lease, with the plan that is about to run (design 9, spec/policy 5.7). What waits for an
 * approval or for something else does not run, so nobody needs to be permitted to do it yet.
 */
import type { Access } from "../access/access.ts";
import { authorsOf } from "../access/authors.ts";
import type { AuthorisationFacts } from "../apply/apply-cluster.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { storedPlan } from "../apply/planning/plan-store.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { PlanId } from "../digest/ids.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { authorsRecorded } from "./authors-recorded.ts";
import { callerOf } from "./run-caller.ts";

export type Authorise = (facts: AuthorisationFacts) => Promise<readonly Diagnostic[]>;

export function authoriseRun(ports: ClusterPorts, access: Access, record: RunRecord): Authorise {
  const { run_id: path } = record;
  return async ({ plan, ledger }) => {
    const caller = callerOf(record);
    if (caller === null) {
      const message = "It is not known who ordered the run, so nothing is applied.";
      return [diagnostic("run_denied", { path, message })];
    }
    if (!(await isOnRecord(ports, plan, record)))
      return [undecided(path, "its authors could not be recorded")];
    const running = await runningPlan(ports, plan, record.reviewed_plan_id);
    if (running.tag === "unknown") return [undecided(path, running.reason)];
    const authors = await authorsOf(ports, running.plan, null);
    const request = { kind: "apply", plan: running.plan, ledger, authors } as const;
    const decision = await access.decide(ports, caller, request, { request_id: path });
    switch (decision.tag) {
      case "allowed":
        return [];
      case "denied": {
        const rules = decision.rules.length === 0 ? "" : ` Rules: ${decision.rules.join(", ")}.`;
        const message = `${caller.actor} may not apply the plan ${plan.plan_id}: ${decision.message}${rules}`;
        return [diagnostic("run_denied", { path, message })];
      }
      case "failed":
        return [undecided(path, decision.reason)];
      default:
        return assertNever(decision);
    }
  };
}

/** A run that plans for itself may leave that plan for somebody to approve; a reviewed one was on record before. */
async function isOnRecord(
  ports: ClusterPorts,
  plan: PlanDocument,
  { reviewed_plan_id, bundle_digest }: RunRecord,
): Promise<boolean> {
  if (reviewed_plan_id !== null || bundle_digest === null || plan.approvals_required.length === 0)
    return true;
  return authorsRecorded(ports, plan, bundle_digest);
}

function undecided(path: string, reason: string): Diagnostic {
  return diagnostic("run_access_undecided", { path, message: `It could not be decided: ${reason}.` });
}

/** The plan without what will not run. */
export function runningPart(plan: PlanDocument): PlanDocument {
  const changes = plan.changes.filter(
    ({ disposition }) => disposition === "applied" || disposition === "derived",
  );
  const running = new Set<string>(changes.map((each) => each.resource));
  const approvals_required = plan.approvals_required.filter((each) => running.has(each.resource));
  return { ...plan, changes, approvals_required };
}

type RunningPlan =
  | { readonly tag: "running"; readonly plan: PlanDocument }
  | { readonly tag: "unknown"; readonly reason: string };

/** What will run, as the plan of who made it: of a reviewed plan that is not who ordered its apply. */
async function runningPlan(
  ports: ClusterPorts,
  plan: PlanDocument,
  reviewed: PlanId | null,
): Promise<RunningPlan> {
  if (reviewed === null) return { tag: "running", plan: runningPart(plan) };
  const stored = await storedPlan(ports, reviewed);
  if (stored.tag === "invalid") return { tag: "unknown", reason: "the reviewed plan cannot be read" };
  return { tag: "running", plan: { ...runningPart(plan), actor: stored.plan.actor } };
}
