/**
 * Lockout: whom a plan shuts out of the cluster once it is applied. Who is shut out cannot take it back, so a plan says it
 * before. The first policy about the control plane ends what the bootstrap principal may do; a later one may forget
 * who asks for its plan; without any, only the bootstrap principal is left (spec/policy 5.7).
 *
 * Guarantees: warns only of what no facts, however favourable, would allow, and reads nothing unless a policy changes.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { parseAddress } from "../desired/address.ts";
import type { Desired, DesiredPolicy } from "../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import type { ControlAction } from "../policy/action.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import { rulesControlPlane } from "../policy/control.ts";
import type { PolicyActor } from "../policy/decide.ts";
import { impossibleActions } from "../policy/favourable.ts";
import { boundPolicy, readApplied } from "./applied-policy.ts";
import type { Caller } from "./caller.ts";

/** What it takes to see a policy and to correct it. */
const WAY_BACK: readonly ControlAction[] = ["cluster_plan", "cluster_apply", "cluster_read_status"];

export interface LockoutQuestion {
  readonly plan: PlanDocument;
  readonly desired: Desired;
  /** Who asks for the plan; null: nobody is known to. */
  readonly caller: Caller | null;
  /** Who may begin, by canonical identity and actor; null: nobody. */
  readonly bootstrap: { readonly canonical: string; readonly actor: string } | null;
}

export async function lockoutWarnings(
  ports: ClusterPorts,
  question: LockoutQuestion,
): Promise<readonly Diagnostic[]> {
  if (!question.plan.changes.some(({ resource }) => parseAddress(resource)?.kind === "policy")) return [];
  const before = await governing(ports);
  if (before.tag === "unknown") return [];
  const after = wanted(question.desired);
  if (after === null) return before.bundle === null ? [] : unbound(question);
  return people(question, before.bundle).flatMap(({ who, had }) => {
    const lost = impossibleActions(after.bundle, who, had);
    return lost.length === 0 ? [] : [warning(after.policy, who.actor, lost)];
  });
}

type Governing =
  /** Null: no policy says anything about the control plane, so the bootstrap principal may begin. */
  { readonly tag: "known"; readonly bundle: PolicyBundle | null } | { readonly tag: "unknown" };

async function governing(ports: ClusterPorts): Promise<Governing> {
  const applied = await readApplied(ports, null);
  if (applied.tag === "failed") return { tag: "unknown" };
  if (applied.tag === "nothing") return { tag: "known", bundle: null };
  const bound = await boundPolicy(ports, applied, "cluster", new Map());
  if (bound.tag === "failed") return { tag: "unknown" };
  const rules = bound.tag === "bound" && rulesControlPlane(bound.bundle);
  return { tag: "known", bundle: rules ? bound.bundle : null };
}

interface Wanted {
  readonly policy: DesiredPolicy;
  readonly bundle: PolicyBundle;
}

function wanted({ resources }: Desired): Wanted | null {
  for (const policy of resources.values()) {
    if (policy.kind !== "policy" || !policy.applies_to.includes("cluster")) continue;
    const { bundle } = policy;
    if (bundle !== null && rulesControlPlane(bundle)) return { policy, bundle };
  }
  return null;
}

interface Person {
  readonly who: PolicyActor;
  /** What they may do now. */
  readonly had: readonly ControlAction[];
}

/** Whose way back counts: who asks, and until the first policy also who begins. */
function people({ caller, bootstrap }: LockoutQuestion, before: PolicyBundle | null): readonly Person[] {
  if (before !== null) {
    if (caller === null) return [];
    const never = impossibleActions(before, caller, WAY_BACK);
    return [{ who: caller, had: WAY_BACK.filter((action) => !never.includes(action)) }];
  }
  if (bootstrap === null) return [];
  const who = caller?.canonical === bootstrap.canonical ? caller : { actor: bootstrap.actor };
  return [{ who, had: WAY_BACK }];
}

function warning(
  { address, path }: DesiredPolicy,
  actor: string,
  lost: readonly ControlAction[],
): Diagnostic {
  const message = `Once ${address} is applied, ${actor} has no ${inWords(lost)} any more: ${path} gives none of it to ${actor}.`;
  return diagnostic("policy_locks_out", { path: address, message });
}

function unbound({ caller, bootstrap }: LockoutQuestion): readonly Diagnostic[] {
  if (caller === null || caller.canonical === bootstrap?.canonical) return [];
  const left = bootstrap === null ? "nobody" : `only ${bootstrap.actor}, who may begin,`;
  const message = `Once this is applied no policy rules the cluster, and ${left} may plan or apply.`;
  return [diagnostic("policy_locks_out", { path: "policies", message })];
}

function inWords(actions: readonly string[]): string {
  const last = actions.at(-1) ?? "";
  return actions.length < 2 ? last : `${actions.slice(0, -1).join(", ")} or ${last}`;
}
