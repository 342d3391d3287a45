/**
 * Asks policy again, under the lease, with the plan that is about to run (design 9, spec/policy 5.7). What waits for an
 * approval or for something else does not run, so nobody needs to be permitted to do it yet. What only a duty wants
 * approved waits as well, and the rest runs.
 */
import type { Access, AccessRequest } from "../access/access.ts";
import { authorsOf } from "../access/authors.ts";
import type { Caller } from "../access/caller.ts";
import type { Authorisation, AuthorisationFacts } from "../apply/accept-plan.ts";
import { awaitingApproval } from "../apply/awaiting-approval.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { storedPlan } from "../apply/planning/plan-store.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { PlanId, RunId } from "../digest/ids.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { authorsRecorded } from "./authors-recorded.ts";
import { decideForRun, outdatedGroups } from "./decide-for-run.ts";
import { callerOf } from "./run-caller.ts";

export type Authorise = (facts: AuthorisationFacts) => Promise<Authorisation>;

export function authoriseRun(ports: ClusterPorts, access: Access, record: RunRecord): Authorise {
  const { run_id: path } = record;
  return async (facts) => {
    const caller = callerOf(record);
    if (caller === null) {
      return refused(denied(path, "It is not known who ordered the run, so nothing is applied."));
    }
    if (!(await isOnRecord(ports, facts.plan, record))) {
      return refused(undecided(path, UNRECORDED));
    }
    const maker = await makerOf(ports, facts.plan, record.reviewed_plan_id);
    if (maker.tag === "unknown") return refused(undecided(path, maker.reason));
    const asked: Asked = { ports, access, caller, facts, maker: maker.actor, path, record };
    const whole = await ask(asked, facts.plan.changes);
    return whole.tag === "refused" ? withoutAwaited(asked, whole) : permitted([]);
  };
}

const UNRECORDED = "its authors could not be recorded";

function refused(problem: Diagnostic): Authorisation & { readonly tag: "refused" } {
  return { tag: "refused", diagnostics: [problem] };
}

function permitted(awaiting: readonly Address[]): Authorisation {
  return { tag: "permitted", awaiting, warnings: [] };
}

interface Asked {
  readonly ports: ClusterPorts;
  readonly access: Access;
  readonly caller: Caller;
  readonly facts: AuthorisationFacts;
  /** Who made the plan; null: nobody knows. */
  readonly maker: string | null;
  readonly path: RunId;
  readonly record: RunRecord;
}

/** May the caller run `changes`, as far as they run? */
async function ask(asked: Asked, changes: readonly Change[]): Promise<Authorisation> {
  const { caller, path, facts } = asked;
  const decision = await decideForRun(asked, await requestOf(asked, changes));
  const rules =
    "rules" in decision && decision.rules.length > 0 ? ` Rules: ${decision.rules.join(", ")}.` : "";
  switch (decision.tag) {
    case "allowed":
      return permitted([]);
    case "denied": {
      const message = `${caller.actor} may not apply the plan ${facts.plan.plan_id}: ${decision.message}${rules}`;
      return refused(denied(path, message));
    }
    case "outdated":
      return refused(outdatedGroups(asked, path, `${decision.message}.${rules}`));
    case "failed":
      return refused(undecided(path, decision.reason));
    default:
      return assertNever(decision);
  }
}

async function requestOf(
  { ports, facts, maker }: Asked,
  changes: readonly Change[],
): Promise<Extract<AccessRequest, { readonly kind: "apply" }>> {
  const plan = { ...runningPart({ ...facts.plan, changes }), actor: maker };
  return { kind: "apply", plan, ledger: facts.ledger, authors: await authorsOf(ports, plan, null) };
}

/**
 * What duties want more approvals of waits for them, and the rest is asked for again. A provider has dependents that
 * only a plan knows, so nothing is taken out of a run that changes one.
 */
async function withoutAwaited(asked: Asked, whole: Authorisation): Promise<Authorisation> {
  const { ports, access, caller, facts } = asked;
  const { changes } = facts.plan;
  const awaited = await access.awaited(ports, caller, await requestOf(asked, changes));
  if (awaited.tag === "failed") return refused(undecided(asked.path, awaited.reason));
  const { addresses } = awaited;
  if (addresses.length === 0 || addresses.some(isProvider)) return whole;
  const left = awaitingApproval(
    changes,
    addresses,
    facts.edges,
    facts.ledger.state.applied_revision.resources,
  );
  const rest = await ask(asked, left);
  if (rest.tag === "refused") return rest;
  // The plan is left for somebody to approve, and nobody may who brought what it changes.
  const isLeft = await recordedAuthors(asked.ports, facts.plan, asked.record);
  return isLeft ? permitted(addresses) : refused(undecided(asked.path, UNRECORDED));
}

function isProvider(address: Address): boolean {
  return parseAddress(address)?.kind === "embedding_provider";
}

/** A run that plans for itself may leave that plan for somebody to approve; a reviewed one was on record before. */
async function isOnRecord(ports: ClusterPorts, plan: PlanDocument, record: RunRecord): Promise<boolean> {
  return plan.approvals_required.length === 0 || recordedAuthors(ports, plan, record);
}

async function recordedAuthors(
  ports: ClusterPorts,
  plan: PlanDocument,
  { reviewed_plan_id, bundle_digest }: RunRecord,
): Promise<boolean> {
  if (reviewed_plan_id !== null || bundle_digest === null) return true;
  return authorsRecorded(ports, plan, bundle_digest);
}

function denied(path: string, message: string): Diagnostic {
  return diagnostic("run_denied", { path, message });
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

type Maker =
  | { readonly tag: "known"; readonly actor: string | null }
  | { readonly tag: "unknown"; readonly reason: string };

/** Who made the plan that runs: of a reviewed plan that is not who ordered its apply. */
async function makerOf(ports: ClusterPorts, plan: PlanDocument, reviewed: PlanId | null): Promise<Maker> {
  if (reviewed === null) return { tag: "known", actor: plan.actor };
  const stored = await storedPlan(ports, reviewed);
  if (stored.tag === "invalid") return { tag: "unknown", reason: "the reviewed plan cannot be read" };
  return { tag: "known", actor: stored.plan.actor };
}
