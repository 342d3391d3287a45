/**
 * AccessCell: a set of requests for one action that every rule before and after a change of policy treats alike
 * (spec/policy 5.10). All cells of an action together are all requests for it.
 *
 * Guarantees: pure. What a cell says is worked out without Cedar, for comparing bundles and never for a decision; a
 * test holds it to Cedar's own decisions.
 */
import { compareBytes } from "../digest/digest.ts";
import type { PolicyAction } from "./action.ts";
import { conditionalBranch, isDoneByQueries, isQueryAction } from "./action.ts";
import type { PolicyBundle, PolicyRule } from "./bundle.ts";
import { scopeOf } from "./bundle.ts";
import { nameClasses } from "./name-classes.ts";
import type { QueryRef } from "./query-scope.ts";
import { fitsScope } from "./query-scope.ts";

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

/** Stored queries by name: one of them, those that fit all globs and no other, or (none given) all that fit none. */
export interface QueryCell {
  readonly patterns: readonly string[];
  /** Null where no rule tells reads from mutations. */
  readonly mutation: boolean | null;
}

export interface AccessCell {
  readonly branches: AffectedBranches;
  /** Null where no rule tells stored queries from inline text. */
  readonly stored: boolean | null;
  /** Null for a request about the graph itself. */
  readonly query: QueryCell | null;
  readonly before: CellFacts;
  readonly after: CellFacts;
}

/** What a request of a cell is to the rules of one side. */
interface CellFacts {
  /** What its branch is; null: it has none. */
  readonly protection: "protected" | "unprotected" | null;
  readonly stored: boolean;
  readonly query: QueryRef | null;
}

/** The cells of `action`, null if there are too many; a bundle that is not there protects what the other one does. */
export function cellsOf(
  action: PolicyAction,
  from: PolicyBundle | null,
  to: PolicyBundle | null,
): readonly AccessCell[] | null {
  const rules = [...(from?.rules ?? []), ...(to?.rules ?? [])].filter((rule) =>
    rule.actions.some((each) => each.action === action),
  );
  const branches = branchCells(from, to);
  const relevant = conditionalBranch(action) === "none" ? branches.slice(0, 1) : branches;
  const vias =
    isDoneByQueries(action) && rules.some((rule) => rule.via !== "any") ? [true, false] : ([null] as const);
  const queries = isQueryAction(action) ? queryCells(rules) : [null];
  if (queries === null) return null;
  return relevant.flatMap((branch) =>
    vias.flatMap((stored) =>
      queries.map((query) => {
        const facts = {
          stored: stored === true,
          query: query === null ? null : { name: query.witness, mutation: query.mutation === true },
        };
        return {
          branches: branch.branches,
          stored,
          query: query === null ? null : { patterns: query.patterns, mutation: query.mutation },
          before: { ...facts, protection: branch.before },
          after: { ...facts, protection: branch.after },
        };
      }),
    ),
  );
}

/** Whether requests of a cell are allowed by `allows` in spite of `denies`. */
export function isAllowed(
  action: PolicyAction,
  facts: CellFacts,
  allows: readonly PolicyRule[],
  denies: readonly PolicyRule[],
): boolean {
  return (
    allows.some((rule) => applies(rule, action, facts)) &&
    !denies.some((rule) => applies(rule, action, facts))
  );
}

function applies(rule: PolicyRule, action: PolicyAction, facts: CellFacts): boolean {
  const scope = conditionalBranch(action) === "none" ? "any" : scopeOf(rule);
  if (scope !== "any" && facts.protection !== scope) return false;
  if (rule.via !== "any" && (rule.via === "stored") !== facts.stored) return false;
  if (rule.query_scope === null) return true;
  return facts.query !== null && fitsScope(rule.query_scope, facts.query);
}

interface BranchCell {
  readonly branches: AffectedBranches;
  readonly before: "protected" | "unprotected" | null;
  readonly after: "protected" | "unprotected" | null;
}

function branchCells(from: PolicyBundle | null, to: PolicyBundle | null): readonly BranchCell[] {
  const before = new Set((from ?? to)?.protected_branches);
  const after = new Set((to ?? from)?.protected_branches);
  const cells: BranchCell[] = [{ branches: { kind: "none" }, before: null, after: null }];
  if ([...before].some((branch) => after.has(branch))) {
    cells.push({ branches: { kind: "protected" }, before: "protected", after: "protected" });
  }
  cells.push({ branches: { kind: "unprotected" }, before: "unprotected", after: "unprotected" });
  for (const branch of [...new Set([...before, ...after])].sort(compareBytes)) {
    if (before.has(branch) === after.has(branch)) continue;
    const [was, is] = before.has(branch)
      ? (["protected", "unprotected"] as const)
      : (["unprotected", "protected"] as const);
    cells.push({ branches: { kind: "named", branch }, before: was, after: is });
  }
  return cells;
}

/** The graph itself, and where some rule tells queries apart, every class of them; null: too many. */
function queryCells(
  rules: readonly PolicyRule[],
): readonly ((QueryCell & { witness: string }) | null)[] | null {
  const scopes = rules.flatMap((rule) => rule.query_scope ?? []);
  if (scopes.length === 0) return [null];
  const byKind = scopes.some((scope) => scope.kind !== "any") ? [false, true] : [null];
  const classes = nameClasses(scopes.flatMap((scope) => [...(scope.names ?? []), ...(scope.except ?? [])]));
  if (classes === null) return null;
  return [null, ...classes.flatMap((each) => byKind.map((mutation) => ({ ...each, mutation })))];
}
