/**
 * AccessDiff: who gains and who loses what when policy bundles change, computed without Cedar (spec/policy 5.10).
 *
 * Guarantees: pure, deterministic and sorted, so that equal inputs give equal documents. An entry is there exactly
 * if some request of that actor, action and scope is decided otherwise than before: bundles only permit, so the
 * answer is a finite set and needs no evaluation. A test holds this against Cedar's own decisions.
 *
 * A scope without a bundle denies everything (spec/policy 5.7), hence a first bundle only gains and a removed one
 * only loses. A scope that moves from one bundle to another is compared across both.
 */
import { compareBytes } from "../digest/digest.ts";
import type { PolicyAction } from "./action.ts";
import { conditionalBranch, POLICY_ACTIONS } from "./action.ts";
import type { BranchScope, PolicyBundle } from "./bundle.ts";
import { scopeOf } from "./bundle.ts";

/** A bundle and what it is bound to: `cluster` or `graph.<id>`, as the ledger records it. */
export interface BoundBundle {
  readonly bundle: PolicyBundle;
  readonly applies_to: readonly string[];
}

/** The requests that are decided otherwise, by the branch that the action's condition looks at. */
export type AffectedBranches =
  /** Every request, with a branch or without. */
  | { readonly kind: "any" }
  /** The branches that are protected before and after. */
  | { readonly kind: "protected" }
  /** The branches that are protected neither before nor after. */
  | { readonly kind: "unprotected" }
  /** One branch whose protection changes. */
  | { readonly kind: "named"; readonly branch: string }
  /** Requests that name no branch. */
  | { readonly kind: "none" };

export interface AccessEntry {
  readonly action: PolicyAction;
  /** `cluster` or `graph.<id>`; sorted, at least one. */
  readonly scopes: readonly string[];
  readonly branches: AffectedBranches;
  /** Sorted, at least one. */
  readonly actors: readonly string[];
}

export interface AccessDiff {
  readonly gains: readonly AccessEntry[];
  readonly losses: readonly AccessEntry[];
}

/** Compares one bundle before and after a change; null means that there is none. */
export function diffAccess(before: BoundBundle | null, after: BoundBundle | null): AccessDiff {
  return diffClusterAccess(before === null ? [] : [before], after === null ? [] : [after]);
}

/** Compares all bundles of a cluster. No scope may be bound twice on one side, as the config checks ensure. */
export function diffClusterAccess(before: readonly BoundBundle[], after: readonly BoundBundle[]): AccessDiff {
  const gains: AccessEntry[] = [];
  const losses: AccessEntry[] = [];
  for (const { from, to, scopes } of pairBundles(before, after)) {
    const kinds = branchKinds(from, to);
    const granted = { from: grantsOf(from), to: grantsOf(to) };
    for (const action of POLICY_ACTIONS) {
      gains.push(...listExtra(action, scopes, kinds, granted.from, granted.to, "before"));
      losses.push(...listExtra(action, scopes, kinds, granted.to, granted.from, "after"));
    }
  }
  return { gains: gains.sort(compareEntries), losses: losses.sort(compareEntries) };
}

/** True if somebody may do something afterwards that was denied before. */
export function widens(diff: AccessDiff): boolean {
  return diff.gains.length > 0;
}

interface BundlePair {
  readonly from: PolicyBundle | null;
  readonly to: PolicyBundle | null;
  readonly scopes: readonly string[];
}

/** The scopes by the pair of bundles that rules them before and after; equal pairs are compared once. */
function pairBundles(before: readonly BoundBundle[], after: readonly BoundBundle[]): readonly BundlePair[] {
  const bound = { from: bundleByScope(before), to: bundleByScope(after) };
  const scopes = [...new Set([...bound.from.keys(), ...bound.to.keys()])].sort(compareBytes);
  const pairs: { from: PolicyBundle | null; to: PolicyBundle | null; scopes: string[] }[] = [];
  for (const scope of scopes) {
    const from = bound.from.get(scope) ?? null;
    const to = bound.to.get(scope) ?? null;
    const known = pairs.find((pair) => pair.from === from && pair.to === to);
    if (known === undefined) pairs.push({ from, to, scopes: [scope] });
    else known.scopes.push(scope);
  }
  return pairs;
}

function bundleByScope(bound: readonly BoundBundle[]): ReadonlyMap<string, PolicyBundle> {
  return new Map(bound.flatMap((each) => each.applies_to.map((scope) => [scope, each.bundle] as const)));
}

/** A set of requests that every condition treats alike, before and after. */
interface BranchKind {
  readonly branches: AffectedBranches;
  /** What a branch of this kind is to the conditions; null: the request has no branch. */
  readonly before: "protected" | "unprotected" | null;
  readonly after: "protected" | "unprotected" | null;
}

/** Splits all requests into the kinds that exist; a bundle that is not there protects what the other one does. */
function branchKinds(from: PolicyBundle | null, to: PolicyBundle | null): readonly BranchKind[] {
  const before = new Set((from ?? to)?.protected_branches);
  const after = new Set((to ?? from)?.protected_branches);
  const kinds: BranchKind[] = [{ branches: { kind: "none" }, before: null, after: null }];
  if ([...before].some((branch) => after.has(branch))) {
    kinds.push({ branches: { kind: "protected" }, before: "protected", after: "protected" });
  }
  kinds.push({ branches: { kind: "unprotected" }, before: "unprotected", after: "unprotected" });
  for (const branch of [...new Set([...before, ...after])].sort(compareBytes)) {
    if (before.has(branch) === after.has(branch)) continue;
    const [was, is] = before.has(branch)
      ? (["protected", "unprotected"] as const)
      : (["unprotected", "protected"] as const);
    kinds.push({ branches: { kind: "named", branch }, before: was, after: is });
  }
  return kinds;
}

/** What a bundle grants: for each action and actor, the conditions of which one must hold. */
type Grants = ReadonlyMap<PolicyAction, ReadonlyMap<string, ReadonlySet<BranchScope>>>;

function grantsOf(bundle: PolicyBundle | null): Grants {
  const grants = new Map<PolicyAction, Map<string, Set<BranchScope>>>();
  if (bundle === null) return grants;
  const members = new Map(bundle.groups.map((group) => [group.name, new Set(group.members)]));
  for (const rule of bundle.rules) {
    for (const { action } of rule.actions) {
      const ofAction = grants.get(action) ?? new Map<string, Set<BranchScope>>();
      grants.set(action, ofAction);
      for (const actor of members.get(rule.group) ?? []) {
        const scopes = ofAction.get(actor) ?? new Set<BranchScope>();
        ofAction.set(actor, scopes.add(scopeOf(rule)));
      }
    }
  }
  return grants;
}

/**
 * The entries for what `more` allows and `less` denies. `lessSide` says which protection `less` sees; `more` sees
 * the other one.
 */
function listExtra(
  action: PolicyAction,
  scopes: readonly string[],
  kinds: readonly BranchKind[],
  less: Grants,
  more: Grants,
  lessSide: "before" | "after",
): readonly AccessEntry[] {
  const moreSide = lessSide === "before" ? "after" : "before";
  const relevant = conditionalBranch(action) === "none" ? kinds.slice(0, 1) : kinds;
  const entries = new Map<string, { branches: AffectedBranches; actors: string[] }>();
  for (const [actor, conditions] of more.get(action) ?? []) {
    const other = less.get(action)?.get(actor);
    const extra = relevant.filter(
      (kind) => holds(conditions, kind[moreSide]) && !(other !== undefined && holds(other, kind[lessSide])),
    );
    const listed: readonly AffectedBranches[] =
      extra.length === relevant.length ? [{ kind: "any" }] : extra.map((kind) => kind.branches);
    for (const branches of listed) {
      const key = branchKey(branches);
      const entry = entries.get(key) ?? { branches, actors: [] };
      entries.set(key, entry);
      entry.actors.push(actor);
    }
  }
  return [...entries.values()].map(({ branches, actors }) => ({
    action,
    scopes,
    branches,
    actors: actors.sort(compareBytes),
  }));
}

function holds(
  conditions: ReadonlySet<BranchScope>,
  protection: "protected" | "unprotected" | null,
): boolean {
  return conditions.has("any") || (protection !== null && conditions.has(protection));
}

const KIND_ORDER: Readonly<Record<AffectedBranches["kind"], string>> = {
  any: "0",
  protected: "1",
  unprotected: "2",
  none: "3",
  named: "4",
};

function branchKey(branches: AffectedBranches): string {
  return KIND_ORDER[branches.kind] + (branches.kind === "named" ? branches.branch : "");
}

function compareEntries(a: AccessEntry, b: AccessEntry): number {
  return (
    compareBytes(a.scopes[0] ?? "", b.scopes[0] ?? "") ||
    POLICY_ACTIONS.indexOf(a.action) - POLICY_ACTIONS.indexOf(b.action) ||
    compareBytes(branchKey(a.branches), branchKey(b.branches))
  );
}
