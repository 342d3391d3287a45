/** ControlDecision: what the policy of a cluster says of a request to its control plane, with the facts of spec/policy 5.7. */
import { assertNever } from "../digest/assert.ts";
import { protectionsOf } from "../ledger/protection.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { approvalFacts, runFacts } from "../plan/change-facts.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import type { ControlAction } from "../policy/action.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import { worseTier } from "../policy/change-scope.ts";
import type { ControlEngine } from "../policy/control.ts";
import type { ChangeFacts, ControlFacts } from "../policy/control-facts.ts";
import type { PolicyActor } from "../policy/decide.ts";
import type { Decision } from "../policy/decision.ts";
import type { AccessDecision, AccessRequest, ApprovalsAwaited } from "./access.ts";
import { type ApprovedChanges, type ApproversFound, approversOf } from "./approvers.ts";
import { brokenLock, NO_LOCK, UNNAMED } from "./broken-lock.ts";
import { approvalsDemanded, demandsApproval } from "./demanded-approvals.ts";
import { type Asked, type Judged, undecided } from "./judged.ts";

type ControlRequest = Exclude<AccessRequest, { kind: "graph" }>;

export interface BoundControl {
  readonly digest: string;
  readonly engine: ControlEngine;
  readonly bundle: PolicyBundle;
}

/** The action that a request to the control plane is about. */
export function controlAction(request: ControlRequest): ControlAction {
  switch (request.kind) {
    case "control":
      return request.action;
    case "apply":
    case "operate":
      return "cluster_apply";
    case "approve":
    case "unprotect":
      return "cluster_approve";
    case "force":
      return "cluster_force_unlock";
    default:
      return assertNever(request);
  }
}

export async function decideControl(
  asked: Asked,
  ledger: ReadyLedger | null,
  control: BoundControl,
  request: ControlRequest,
): Promise<Judged> {
  const { caller } = asked;
  const { digest, engine } = control;
  const gathered = await gather(asked, ledger, control, request);
  if (gathered.tag === "unavailable") return undecided(gathered.reason);
  const facts: ControlFacts = { ...gathered.facts, auth_source: caller.source, amr: caller.amr };
  const decided = engine.decide({ ...caller, action: controlAction(request), facts });
  return {
    decision: accessDecision(decided, engine.knows(caller)),
    policy_digest: digest,
    context: { groups: engine.groupsOf(caller), ...facts },
  };
}

/** `known`: the policy names the caller, so a denial tells them nothing that they do not know. */
export function accessDecision(decided: Decision, known: boolean): AccessDecision {
  switch (decided.tag) {
    case "allow":
      return { tag: "allowed", rules: decided.rules };
    case "deny":
      return { tag: "denied", message: decided.message, rules: decided.rules, masked: !known };
    case "failed":
      return { tag: "failed", reason: decided.message };
    default:
      return assertNever(decided);
  }
}

type Gathered =
  | { readonly tag: "facts"; readonly facts: ControlFacts }
  | { readonly tag: "unavailable"; readonly reason: string };

async function gather(
  { ports, caller }: Asked,
  ledger: ReadyLedger | null,
  control: BoundControl,
  request: ControlRequest,
): Promise<Gathered> {
  switch (request.kind) {
    case "control":
      return { tag: "facts", facts: {} };
    case "operate":
      return { tag: "facts", facts: { ...request.changes, authors: [caller.actor], approval_count: 0 } };
    case "approve": {
      const change = request.plan.changes.find((each) => each.resource === request.address);
      const facts = change === undefined ? {} : approvalFacts(change);
      return { tag: "facts", facts: { ...facts, authors: request.authors } };
    }
    case "unprotect":
      return { tag: "facts", facts: protectionFacts(ledger, request.graph) };
    case "force":
      return request.lock_id === null ? { tag: "facts", facts: NO_LOCK } : brokenLock(ports, request.lock_id);
    case "apply":
      return gatherApply({ ports }, ledger, control, request);
    default:
      return assertNever(request);
  }
}

function protectionFacts(ledger: ReadyLedger | null, graph: string): ControlFacts {
  const protections = ledger === null ? null : protectionsOf(ledger.receipt, ledger.state);
  // A protector whom nobody can name is nobody who could ask: else the protection could never end.
  const by = [...(protections ?? [])].find(([id]) => id === graph)?.[1].by ?? null;
  const change = {
    kinds: ["graph"],
    operations: ["delete"],
    graphs: [graph],
    max_tier: "irreversible",
  } as const;
  return { ...change, authors: [by ?? UNNAMED] };
}

interface PlanOfAuthors {
  readonly plan: PlanDocument;
  readonly authors: readonly string[];
}

/**
 * The changes of a plan that duties want more approvals of than count now. None if the caller could not apply the whole
 * with them either: then it is not approvals that stand in the way, and a part must not get around what does.
 */
export async function awaitedBy(
  { ports, caller }: Pick<Asked, "ports" | "caller">,
  ledger: ReadyLedger | null,
  control: BoundControl,
  request: PlanOfAuthors,
): Promise<ApprovalsAwaited> {
  const found = await approvalsGiven(ports, ledger, control, request);
  if (found.tag === "unavailable") return { tag: "failed", reason: found.reason };
  const wanted = found.given.map(({ change }) => approvalsDemanded(control.bundle, change));
  const short = found.given.filter(({ approvers }, index) => approvers < (wanted[index] ?? 0));
  const facts = { ...factsOf(found, request), approval_count: Math.max(0, ...wanted) };
  const proof = { auth_source: caller.source, amr: caller.amr };
  const whole = control.engine.decide({ ...caller, action: "cluster_apply", facts: { ...facts, ...proof } });
  if (whole.tag === "failed") return { tag: "failed", reason: whole.message };
  return {
    tag: "awaited",
    addresses: whole.tag === "deny" ? [] : short.map(({ change }) => change.resource),
  };
}

function approvalsGiven(
  ports: Asked["ports"],
  ledger: ReadyLedger | null,
  { engine, bundle }: BoundControl,
  { plan, authors }: PlanOfAuthors,
): Promise<ApproversFound> {
  return approversOf(ports, {
    plan,
    ledger,
    authors,
    demanded: (change) => demandsApproval(bundle, change),
    mayApprove: ({ approved_by, approver }, { change }) => {
      const who: PolicyActor = { actor: approved_by, claim_groups: approver?.claim_groups ?? [] };
      const proof = { auth_source: approver?.source ?? "", amr: approver?.amr ?? [] };
      const facts = { ...approvalFacts(change), authors, ...proof };
      return engine.decide({ ...who, action: "cluster_approve", facts }).tag === "allow";
    },
  });
}

/** What somebody approved runs although the plan shows it as waiting, and as what it was approved to be. */
async function gatherApply(
  { ports }: Pick<Asked, "ports">,
  ledger: ReadyLedger | null,
  control: BoundControl,
  request: PlanOfAuthors,
): Promise<Gathered> {
  const found = await approvalsGiven(ports, ledger, control, request);
  return found.tag === "unavailable" ? found : { tag: "facts", facts: factsOf(found, request) };
}

function factsOf(
  { approvers, approval_count, approved }: ApprovedChanges,
  { plan, authors }: PlanOfAuthors,
): ControlFacts {
  const changes = approved
    .map(({ change }) => approvalFacts(change))
    .reduce(together, runFacts(plan.changes));
  return { ...changes, authors, approvers, approval_count };
}

function together(a: ChangeFacts, b: ChangeFacts): ChangeFacts {
  return {
    kinds: [...new Set([...a.kinds, ...b.kinds])],
    operations: [...new Set([...a.operations, ...b.operations])],
    graphs: [...new Set([...a.graphs, ...b.graphs])],
    max_tier: worseTier(a.max_tier, b.max_tier),
  };
}
