/**
 * AccessDiff: who gains and who loses what when policy bundles change, computed without Cedar (spec/policy 5.10).
 *
 * Guarantees: pure, deterministic and sorted, so that equal inputs give equal documents. For actions on a graph or
 * the server an entry is there exactly if some request of that actor, action and scope is decided otherwise than
 * before; where group claims meet a deny that changes, where globs are too entangled to be taken apart, and at the
 * control plane, an entry may be there without a need, and none is missing. A test holds this against Cedar's own decisions.
 *
 * A scope without a bundle denies everything (spec/policy 5.7), hence a first bundle only gains and a removed one
 * only loses. A scope that moves from one bundle to another is compared across both.
 */
import { compareBytes } from "../digest/digest.ts";
import type { AccessCell, AffectedBranches } from "./access-cell.ts";
import { cellsOf, isAllowed } from "./access-cell.ts";
import type { PolicyAction } from "./action.ts";
import { isControlAction, POLICY_ACTIONS } from "./action.ts";
import type { PolicyBundle, PolicyRule } from "./bundle.ts";
import { controlExtras, isClaim, membersOf, possibleAllows, rulesFor } from "./diff-control.ts";

/** A bundle and what it is bound to: `cluster` or `graph.<id>`, as the ledger records it. */
export interface BoundBundle {
  readonly bundle: PolicyBundle;
  readonly applies_to: readonly string[];
}

/** Stored queries that are decided otherwise. */
export interface AffectedQueries {
  /** The exact name, or the globs that the names fit; none: names that fit none of those in the bundles. */
  readonly patterns: readonly string[];
  readonly kind: "any" | "read" | "mutation";
}

export interface AccessEntry {
  readonly action: PolicyAction;
  /** `cluster` or `graph.<id>`; sorted, at least one. */
  readonly scopes: readonly string[];
  readonly branches: AffectedBranches;
  /** Only through stored queries, or only with inline text; absent: both. */
  readonly via?: "stored" | "inline";
  /** Absent: every query, and requests that name none. */
  readonly queries?: readonly AffectedQueries[];
  /** Beside `queries`: requests that name no query are affected too. */
  readonly coarse?: true;
  /** At the control plane: the rules and duties (`duty/<id>`) that changed. */
  readonly because?: readonly string[];
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
    // Where neither bundle has a rule about an action, nobody is allowed it on either side.
    for (const action of POLICY_ACTIONS.filter((each) => speaksOf(from, each) || speaksOf(to, each))) {
      const cells = isControlAction(action) ? [] : cellsOf(action, from, to);
      const bound = (extra: Extra): AccessEntry => ({ action, scopes, ...extra });
      gains.push(...extrasOf(action, cells, from, to, "before").map(bound));
      losses.push(...extrasOf(action, cells, to, from, "after").map(bound));
    }
  }
  return { gains: gains.sort(compareEntries), losses: losses.sort(compareEntries) };
}

function speaksOf(bundle: PolicyBundle | null, action: PolicyAction): boolean {
  return bundle?.rules.some((rule) => rule.actions.some((each) => each.action === action)) ?? false;
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

/** What an entry says beside its action and scopes. */
type Extra = Omit<AccessEntry, "action" | "scopes">;
type Affected = Omit<Extra, "actors">;

/** What `more` allows and `less` denies; `lessSide` says which protection `less` sees, `more` sees the other one. */
function extrasOf(
  action: PolicyAction,
  cells: readonly AccessCell[] | null,
  less: PolicyBundle | null,
  more: PolicyBundle | null,
  lessSide: "before" | "after",
): readonly Extra[] {
  const entries = new Map<string, { affected: Affected; actors: string[] }>();
  const add = (affected: Affected, actor: string) => {
    const key = affectedKey(affected);
    const entry = entries.get(key) ?? { affected, actors: [] };
    entries.set(key, entry);
    entry.actors.push(actor);
  };
  for (const { actor, because } of controlExtras(action, less, more)) {
    add({ branches: { kind: "any" }, because }, actor);
  }
  // Rules name no actors: members of the same groups gain and lose the same.
  const known = new Map<string, readonly Affected[]>();
  const actors = new Set(cells?.length === 0 ? [] : [...membersOf(more), ...membersOf(less)]);
  for (const actor of actors) {
    if (cells === null) {
      if (mayGain(actor, action, less, more)) add({ branches: { kind: "any" } }, actor);
      continue;
    }
    const kind = JSON.stringify([isClaim(actor), groupsOf(less, actor), groupsOf(more, actor)]);
    const affected =
      known.get(kind) ?? describe(extraCells(actor, action, cells, less, more, lessSide), cells);
    known.set(kind, affected);
    for (const each of affected) add(each, actor);
  }
  return [...entries.values()].map(({ affected, actors }) => ({
    ...affected,
    actors: actors.sort(compareBytes),
  }));
}

function groupsOf(bundle: PolicyBundle | null, actor: string): readonly string[] {
  return (bundle?.groups ?? []).filter((group) => group.members.includes(actor)).map((group) => group.name);
}

/** Where requests cannot be told apart, whoever is under other rules than before may gain something. */
function mayGain(
  actor: string,
  action: PolicyAction,
  less: PolicyBundle | null,
  more: PolicyBundle | null,
): boolean {
  const same = (["allow", "deny"] as const).every((effect) =>
    sameRules(rulesFor(less, actor, action, effect), rulesFor(more, actor, action, effect)),
  );
  return !same && possibleAllows(more, actor, action).length > 0;
}

function extraCells(
  actor: string,
  action: PolicyAction,
  cells: readonly AccessCell[],
  less: PolicyBundle | null,
  more: PolicyBundle | null,
  lessSide: "before" | "after",
): readonly AccessCell[] {
  const moreSide = lessSide === "before" ? "after" : "before";
  const denies = {
    less: rulesFor(less, actor, action, "deny"),
    more: rulesFor(more, actor, action, "deny"),
  };
  const allows = {
    less: rulesFor(less, actor, action, "allow"),
    more: rulesFor(more, actor, action, "allow"),
  };
  const lifted = sameRules(denies.less, denies.more) ? [] : possibleAllows(more, actor, action);
  return cells.filter((cell) => {
    const was = isAllowed(action, cell[lessSide], allows.less, denies.less);
    if (!was && isAllowed(action, cell[moreSide], allows.more, denies.more)) return true;
    // Whoever is freed of a deny may have been allowed all the time by a group claim that is not seen here.
    const denied = isAllowed(action, cell[lessSide], denies.less, []);
    return denied && isAllowed(action, cell[moreSide], lifted, denies.more);
  });
}

function sameRules(a: readonly PolicyRule[], b: readonly PolicyRule[]): boolean {
  const text = (rules: readonly PolicyRule[]) =>
    rules
      .map(({ branch_scope, target_branch_scope, query_scope, via }) =>
        JSON.stringify([branch_scope, target_branch_scope, query_scope, via]),
      )
      .sort()
      .join("\n");
  return text(a) === text(b);
}

/** The entries that name `extra`, out of all `cells`: what is affected altogether is not taken apart. */
function describe(extra: readonly AccessCell[], cells: readonly AccessCell[]): readonly Affected[] {
  if (extra.length === 0) return [];
  if (cells.some((cell) => cell.query !== null)) {
    const any = { branches: { kind: "any" } } as const;
    if (extra.length === cells.length) return [any];
    const coarse = extra.some((cell) => cell.query === null);
    return [{ ...any, queries: describeQueries(extra), ...(coarse ? { coarse } : {}) }];
  }
  const vias = [...new Set(cells.map((cell) => cell.stored))];
  const listed = vias.map((stored) => {
    const mine = extra.filter((cell) => cell.stored === stored).map((cell) => cell.branches);
    const all = cells.filter((cell) => cell.stored === stored).length;
    return { stored, branches: mine.length === all ? [{ kind: "any" } as const] : mine };
  });
  const inAll = (branches: AffectedBranches) =>
    listed.every((each) => each.branches.some((other) => branchKey(other) === branchKey(branches)));
  return listed.flatMap(({ stored, branches }, index) =>
    branches.flatMap((each): readonly Affected[] => {
      if (inAll(each)) return index === 0 ? [{ branches: each }] : [];
      return [{ branches: each, via: stored === true ? "stored" : "inline" }];
    }),
  );
}

function describeQueries(extra: readonly AccessCell[]): readonly AffectedQueries[] {
  const byName = new Map<string, { patterns: readonly string[]; kinds: (boolean | null)[] }>();
  for (const { query } of extra) {
    if (query === null) continue;
    const key = JSON.stringify(query.patterns);
    const known = byName.get(key) ?? { patterns: query.patterns, kinds: [] };
    byName.set(key, known);
    known.kinds.push(query.mutation);
  }
  return [...byName.values()].map(({ patterns, kinds }) => {
    const [only, ...more] = kinds;
    const whole = only === null || more.length > 0;
    return { patterns, kind: whole ? "any" : only === true ? "mutation" : "read" };
  });
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

function affectedKey({ branches, via, queries, coarse, because }: Affected): string {
  return JSON.stringify([branchKey(branches), via ?? "", queries ?? null, coarse ?? false, because ?? null]);
}

function compareEntries(a: AccessEntry, b: AccessEntry): number {
  return (
    compareBytes(a.scopes[0] ?? "", b.scopes[0] ?? "") ||
    POLICY_ACTIONS.indexOf(a.action) - POLICY_ACTIONS.indexOf(b.action) ||
    compareBytes(branchKey(a.branches), branchKey(b.branches)) ||
    compareBytes(affectedKey(a), affectedKey(b))
  );
}
