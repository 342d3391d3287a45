/**
 * Whether a cluster can still be governed by the bundle that a config wants for it (spec/policy 5.7, 5.10): somebody
 * can plan, somebody can apply, and every duty that asks for approvals can get them, whoever is the author.
 *
 * Guarantees: pure, and without Cedar. An error means that no facts, however favourable, would let anybody act.
 * Bundles that say nothing about the control plane are left alone. A group claim may stand for any number of people.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { ControlAction } from "./action.ts";
import type { PolicyBundle, PolicyDuty } from "./bundle.ts";
import type { ChangeKind } from "./change-scope.ts";
import { rulesControlPlane } from "./control.ts";
import type { ControlFacts } from "./control-facts.ts";
import type { PolicyActor } from "./decide.ts";
import { isClaim } from "./diff-control.ts";
import { type ControlEvaluator, evaluateControl } from "./evaluate-control.ts";
import { favourable } from "./favourable.ts";

/** What would lock people out of the cluster if `bundle` were applied. */
export function lintControl(bundle: PolicyBundle): readonly Diagnostic[] {
  if (!rulesControlPlane(bundle)) return [];
  const evaluator = evaluateControl(bundle);
  const actors = knownActors(bundle);
  return [...findLockouts(bundle, evaluator, actors), ...findUnsatisfiable(bundle, evaluator, actors)];
}

/** A person behind a group claim. */
const CLAIMANT = "\u0000claimant";

/** Whoever the bundle names, each once; behind a group claim there is a person of its own. */
function knownActors(bundle: PolicyBundle): readonly PolicyActor[] {
  const members = [...new Set(bundle.groups.flatMap((group) => group.members))];
  return members.map((member) =>
    isClaim(member) ? { actor: `${CLAIMANT}/${member}`, claim_groups: [member] } : { actor: member },
  );
}

function findLockouts(
  bundle: PolicyBundle,
  evaluator: ControlEvaluator,
  actors: readonly PolicyActor[],
): readonly Diagnostic[] {
  const facts = favourable(bundle, {});
  const able = (action: ControlAction) =>
    actors.some((who) => facts.some((each) => evaluator.allows(who, action, each)));
  return (["cluster_plan", "cluster_apply"] as const)
    .filter((action) => !able(action))
    .map((action) => {
      const message = `Under this bundle nobody has ${action}, so it could never be changed again.`;
      return diagnostic("policy_lockout", { path: "rules", message });
    });
}

function findUnsatisfiable(
  bundle: PolicyBundle,
  evaluator: ControlEvaluator,
  actors: readonly PolicyActor[],
): readonly Diagnostic[] {
  return bundle.duties.flatMap((duty, index) => {
    const problem = unsatisfiable(bundle, duty, evaluator, actors);
    if (problem === null) return [];
    const message = `The duty '${duty.id}' asks for ${duty.min_approvals} approvals, and ${problem}.`;
    return [diagnostic("duty_unsatisfiable", { path: `duties[${index}]`, message, source: duty.source })];
  });
}

/** Why the approvals that `duty` asks for cannot be had; null: they can. */
function unsatisfiable(
  bundle: PolicyBundle,
  duty: PolicyDuty,
  evaluator: ControlEvaluator,
  actors: readonly PolicyActor[],
): string | null {
  if (duty.min_approvals === 0) return null;
  const early = duty.actions.find((action) => action !== "cluster_apply");
  if (early !== undefined) return `there are none yet at ${early}`;
  const changes = triggers(duty).flatMap((facts) => favourable(bundle, { ...facts, approval_count: 0 }));
  const eligible = actors.filter((who) =>
    changes.some((facts) => evaluator.allows(who, "cluster_approve", facts)),
  );
  if (eligible.some((who) => who.actor.startsWith(CLAIMANT))) return null;
  const authorCanApprove = eligible.length > 0;
  const left = eligible.length - (authorCanApprove ? 1 : 0);
  if (left >= duty.min_approvals) return null;
  const names = eligible.map((who) => who.actor).sort();
  return names.length === 0
    ? "nobody may approve such a change"
    : `if one of those who may approve is the author, ${left} of them are left: ${names.join(", ")}`;
}

/** The mildest changes that `duty` is about, one for each kind. */
function triggers(duty: PolicyDuty): readonly ControlFacts[] {
  const scope = duty.change_scope;
  const kinds: readonly (ChangeKind | null)[] = scope?.kinds ?? [null];
  const [operation] = scope?.operations ?? [];
  const [graph] = scope?.graphs ?? [];
  return kinds.map((kind) => ({
    kinds: kind === null ? [] : [kind],
    operations: operation === undefined ? [] : [operation],
    graphs: graph === undefined ? [] : [graph],
    max_tier: scope?.min_tier ?? "display_only",
  }));
}
