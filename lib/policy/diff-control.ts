/**
 * Who gains and who loses something at the control plane when its bundle changes (spec/policy 5.10).
 *
 * Guarantees: pure. Nobody gains or loses without an entry. The other way round it is careful: conditions on changes,
 * sign-in and approvals are compared rule by rule, so an entry may name a rule that other rules make up for.
 */
import type { PolicyAction } from "./action.ts";
import { isControlAction } from "./action.ts";
import type { PolicyBundle, PolicyDuty, PolicyRule } from "./bundle.ts";
import { CLAIM_GROUP_PREFIX } from "./bundle.ts";
import type { ChangeScope } from "./change-scope.ts";
import { tierRank } from "./change-scope.ts";

/** What is new for one actor and action: rules that allow more, or rules and duties that deny less. */
export interface ControlExtra {
  readonly actor: string;
  /** Rule ids, and `duty/<id>`; sorted, at least one. */
  readonly because: readonly string[];
}

/** What `more` lets each actor do for `action` that `less` does not. */
export function controlExtras(
  action: PolicyAction,
  less: PolicyBundle | null,
  more: PolicyBundle | null,
): readonly ControlExtra[] {
  if (more === null || !isControlAction(action)) return [];
  const actors = [...new Set([...membersOf(more), ...membersOf(less)])];
  return actors.flatMap((actor) => {
    const because = extraOf(actor, action, less, more);
    return because.length === 0 ? [] : [{ actor, because }];
  });
}

/** The members of all groups of `bundle`. */
export function membersOf(bundle: PolicyBundle | null): readonly string[] {
  return bundle?.groups.flatMap((group) => group.members) ?? [];
}

/** True for a member that stands for whoever holds a group claim. */
export function isClaim(member: string): boolean {
  return member.startsWith(CLAIM_GROUP_PREFIX);
}

/** The rules of `bundle` about `action` for `actor`, who may hold the group claim that they are called by. */
export function rulesFor(
  bundle: PolicyBundle | null,
  actor: string,
  action: PolicyAction,
  effect: "allow" | "deny",
): readonly PolicyRule[] {
  const groups = new Set(
    bundle?.groups.filter((group) => group.members.includes(actor)).map((group) => group.name),
  );
  return (bundle?.rules ?? []).filter(
    (rule) =>
      rule.effect === effect && groups.has(rule.group) && rule.actions.some((each) => each.action === action),
  );
}

/**
 * What may be allowed to somebody who is `actor` and also holds group claims: where a deny changes, whoever it is on
 * may have been allowed by another of their groups.
 */
export function possibleAllows(
  bundle: PolicyBundle | null,
  actor: string,
  action: PolicyAction,
): readonly PolicyRule[] {
  const groups = (bundle?.groups ?? [])
    .filter((group) => isClaim(actor) || group.members.includes(actor) || group.members.some(isClaim))
    .map((group) => group.name);
  return (bundle?.rules ?? []).filter(
    (rule) =>
      rule.effect === "allow" &&
      groups.includes(rule.group) &&
      rule.actions.some((each) => each.action === action),
  );
}

function extraOf(
  actor: string,
  action: PolicyAction,
  less: PolicyBundle | null,
  more: PolicyBundle,
): readonly string[] {
  const known = rulesFor(less, actor, action, "allow");
  const wider = rulesFor(more, actor, action, "allow").filter(
    (rule) => !known.some((each) => allowsAllOf(each, rule)),
  );
  const kept = rulesFor(more, actor, action, "deny");
  const lifted = rulesFor(less, actor, action, "deny").filter(
    (rule) => !kept.some((each) => covers(each.change_scope, rule.change_scope)),
  );
  const duties = (less?.duties ?? []).filter(
    (duty) =>
      duty.actions.some((each) => each === action) &&
      !more.duties.some((each) => obligesToAllOf(each, duty, action)),
  );
  const freed = [...lifted.map((rule) => rule.id), ...duties.map((duty) => `duty/${duty.id}`)];
  // What is no longer denied is gained by whoever some rule allows it.
  const counts = freed.length > 0 && possibleAllows(more, actor, action).length > 0;
  return [...new Set([...wider.map((rule) => rule.id), ...(counts ? freed : [])])].sort();
}

/** True if `wide` allows whatever `narrow` allows. */
function allowsAllOf(wide: PolicyRule, narrow: PolicyRule): boolean {
  return (
    allowsChanges(wide.change_scope, narrow.change_scope) &&
    within(narrow.auth?.sources, wide.auth?.sources) &&
    within(narrow.auth?.amr_any, wide.auth?.amr_any) &&
    (wide.lock_min_age_seconds ?? 0) <= (narrow.lock_min_age_seconds ?? 0)
  );
}

function allowsChanges(wide: ChangeScope | null, narrow: ChangeScope | null): boolean {
  return (
    within(narrow?.kinds, wide?.kinds) &&
    within(narrow?.operations, wide?.operations) &&
    within(narrow?.graphs, wide?.graphs) &&
    tierRank(narrow?.max_tier ?? "irreversible") <= tierRank(wide?.max_tier ?? "irreversible")
  );
}

/** True if a deny with the scope `wide` denies whatever one with `narrow` denies. */
function covers(wide: ChangeScope | null, narrow: ChangeScope | null): boolean {
  return (
    within(narrow?.kinds, wide?.kinds) &&
    within(narrow?.operations, wide?.operations) &&
    within(narrow?.graphs, wide?.graphs) &&
    tierRank(narrow?.min_tier ?? "display_only") >= tierRank(wide?.min_tier ?? "display_only")
  );
}

function obligesToAllOf(wide: PolicyDuty, narrow: PolicyDuty, action: PolicyAction): boolean {
  return (
    wide.actions.some((each) => each === action) &&
    covers(wide.change_scope, narrow.change_scope) &&
    narrow.actor_not_in.every((party) => wide.actor_not_in.includes(party)) &&
    narrow.min_approvals <= wide.min_approvals
  );
}

/** True if `narrow` lists only what `wide` lists; no list is everything. */
function within(narrow: readonly string[] | null | undefined, wide: readonly string[] | null | undefined) {
  if (!wide) return true;
  return narrow ? narrow.every((each) => wide.includes(each)) : false;
}
