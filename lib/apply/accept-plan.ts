/**
 * AcceptPlan: step 3 of an apply. The plan runs only in the world that it was made for (A5), with its gates open, within
 * what one run may delete, with policies that Cedar takes, permitted, consented to, and by one run only.
 */
import type { Address } from "../desired/address.ts";
import type { KnownCompilations } from "../desired/known-compilations.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { Change } from "../plan/change.ts";
import type { Edge } from "../plan/edges.ts";
import { gateViolations } from "../plan/gates.ts";
import { massDelete } from "../plan/mass-delete.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { planLeft } from "../plan/plan-left.ts";
import { plannedWorldMoved } from "../plan/plan-validity.ts";
import type { ApplyRun } from "./apply-run.ts";
import { awaitingApproval } from "./awaiting-approval.ts";
import { earlierUse, usePlan } from "./planning/plan-store.ts";
import { verifyPolicies } from "./planning/verify-policies.ts";
import type { RunRecording } from "./runs/run-recording.ts";

export interface ApplyOptions {
  /** The plan that was reviewed; null: plan now. */
  readonly reviewed: PlanDocument | null;
  /** Asked once with the plan that is about to run; false stops the run before anything changes. */
  readonly consent: (plan: PlanDocument) => Promise<boolean>;
  /** Asked before consent, under the lease, with the plan that is about to run. */
  readonly authorise?: (facts: AuthorisationFacts) => Promise<Authorisation>;
  readonly targets: ReadonlySet<GraphId> | null;
  /** Somebody said that this run may delete more graphs than the deployment lets one run delete. */
  readonly allow_mass_delete: boolean;
  /** What the cluster knew when the desired model was loaded; saves reading applied query files. */
  readonly compilations?: KnownCompilations;
  /** Keeps the record of the run, so that it can go on later; absent: it has none. */
  readonly recording?: RunRecording;
  /**
   * What an earlier attempt of the run has left undone when it stopped to wait. What else needs a change again has been
   * taken back by somebody, and is not brought back (A5). Absent: nothing is known.
   */
  readonly left?: ReadonlySet<Address>;
}

/** `permitted`: all but `awaiting`, which waits for somebody to approve it. `refused`: nothing may run, and why. */
export type Authorisation =
  | {
      readonly tag: "permitted";
      readonly awaiting: readonly Address[];
      /** What people should know of the plan before it runs, or afterwards at the least. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** What a run is authorised on: the plan and the ledger that it was made on. */
export interface AuthorisationFacts {
  readonly plan: PlanDocument;
  readonly ledger: ReadyLedger;
  /** What depends on what in the config of the plan. */
  readonly edges: readonly Edge[];
}

type Accepted =
  | {
      readonly tag: "accepted";
      readonly changes: readonly Change[];
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** Step 3: still the same world, nothing gated and no bundle that Cedar refuses, permitted, consent, the plan not used before. */
export async function acceptPlan(
  run: ApplyRun,
  facts: AuthorisationFacts,
  options: ApplyOptions,
): Promise<Accepted> {
  const { plan, ledger } = facts;
  const unfit = await unfitness(run, plan, options);
  if (unfit.length > 0) return { tag: "refused", diagnostics: unfit };
  const authorised = await options.authorise?.(facts);
  if (authorised?.tag === "refused") return authorised;
  const { resources } = ledger.state.applied_revision;
  const awaiting = authorised?.awaiting ?? [];
  const changes = awaitingApproval(plan.changes, awaiting, run.desired.dependencies, resources);
  const unwanted = await consentTo(run, plan, changes, options);
  if (unwanted.length > 0) return { tag: "refused", diagnostics: unwanted };
  return { tag: "accepted", changes, warnings: authorised?.warnings ?? [] };
}

async function unfitness(
  run: ApplyRun,
  plan: PlanDocument,
  options: ApplyOptions,
): Promise<readonly Diagnostic[]> {
  const { reviewed, recording } = options;
  if (reviewed !== null) {
    const used = await earlierUse(run.ports, reviewed, run.run_id);
    if (used.length > 0) return used;
    const left = recording?.continues === true ? planLeft(reviewed, plan) : reviewed;
    const moved = plannedWorldMoved(left, plan);
    if (moved.length > 0) return moved;
    const taken = options.left === undefined ? [] : takenBack(plan, options.left);
    if (taken.length > 0) return taken;
  }
  const mass = options.allow_mass_delete
    ? []
    : massDelete(plan.changes, run.desired, run.ports.rules.deletes_max);
  if (mass.length > 0) return mass;
  const gated = gateViolations(plan.changes, plan.approvals_required);
  if (gated.length > 0) return gated;
  return verifyPolicies(plan.changes, run.desired);
}

async function consentTo(
  run: ApplyRun,
  plan: PlanDocument,
  changes: readonly Change[],
  { reviewed, recording, consent }: ApplyOptions,
): Promise<readonly Diagnostic[]> {
  const idle = changes.every(
    (change) => change.disposition === "blocked" || change.disposition === "deferred",
  );
  if (idle || (await consent(plan))) {
    if (recording !== undefined && !idle) return recording.planned(run, reviewed ?? plan);
    return reviewed === null || plan.changes.length === 0 ? [] : usePlan(run.ports, reviewed, run.run_id);
  }
  const message = "The plan was not accepted, so nothing was changed.";
  return [diagnostic("apply_declined", { path: "changes", message })];
}

/** What the run has done and somebody has undone since. */
function takenBack({ changes }: PlanDocument, left: ReadonlySet<Address>): readonly Diagnostic[] {
  const again = changes.filter(
    ({ resource, disposition }) => disposition !== "derived" && !left.has(resource),
  );
  return again.map(({ resource: path }) => {
    const message = `${path} was applied by this run and has been changed back since.`;
    return diagnostic("plan_stale", { path, message });
  });
}
