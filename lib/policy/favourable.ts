/** What a bundle lets people do at best: with the most favourable facts, where whoever is denied is denied always. Pure. */
import type { ControlAction } from "./action.ts";
import type { PolicyBundle } from "./bundle.ts";
import { AUTH_SOURCES } from "./bundle.ts";
import type { ControlFacts } from "./control-facts.ts";
import type { PolicyActor } from "./decide.ts";
import { evaluateControl } from "./evaluate-control.ts";
import { SECONDS_MAX } from "./limits.ts";

/** Somebody who had a hand in everything, and is none of the actors that a bundle can name. */
const SOMEBODY_ELSE = "\u0000somebody-else";

/** The best that can be known about a request: each way to sign in, with everything that may prove who it is. */
export function favourable(bundle: PolicyBundle, facts: ControlFacts): readonly ControlFacts[] {
  const amr = [...new Set(bundle.rules.flatMap((rule) => rule.auth?.amr_any ?? []))];
  return AUTH_SOURCES.map((auth_source) => ({
    kinds: [],
    operations: [],
    graphs: [],
    max_tier: "display_only",
    authors: [SOMEBODY_ELSE],
    approvers: [SOMEBODY_ELSE],
    approval_count: SECONDS_MAX,
    lock_holders: [SOMEBODY_ELSE],
    lock_age_seconds: SECONDS_MAX,
    auth_source,
    amr,
    ...facts,
  }));
}

/** Those of `actions` that no facts, however favourable, would let `who` do under `bundle`. */
export function impossibleActions(
  bundle: PolicyBundle,
  who: PolicyActor,
  actions: readonly ControlAction[],
): readonly ControlAction[] {
  const evaluator = evaluateControl(bundle);
  const facts = favourable(bundle, {});
  return actions.filter((action) => !facts.some((each) => evaluator.allows(who, action, each)));
}
