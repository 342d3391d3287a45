/**
 * PolicyBundle: the meaning of one policy file that passed every check (spec/policy 1.1).
 *
 * Guarantees: pure data. Group names and rule ids are unique, every rule names a group that exists and at least one
 * action, no rule mixes kinds or carries a branch condition that its actions do not know. Members keep their text
 * exactly as written. A bundle only permits; whatever it does not name is denied.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";
import type { PolicyAction } from "./action.ts";

/** A condition on one branch. `any` also holds for a request without a branch; the other two need one. */
export const BRANCH_SCOPES = ["any", "protected", "unprotected"] as const;
export type BranchScope = (typeof BRANCH_SCOPES)[number];

export interface PolicyGroup {
  readonly name: string;
  /** In the order of the file; may repeat. */
  readonly members: readonly string[];
}

export interface RuleAction {
  readonly action: PolicyAction;
  readonly source: SourcePosition;
}

export interface PolicyRule {
  readonly id: string;
  readonly group: string;
  readonly actions: readonly RuleAction[];
  /** On the branch that is read or written; null: no condition. */
  readonly branch_scope: BranchScope | null;
  /** On the branch that a change goes to; null: no condition. Never set together with `branch_scope`. */
  readonly target_branch_scope: BranchScope | null;
  readonly source: SourcePosition;
}

export interface PolicyBundle {
  readonly version: 1;
  readonly groups: readonly PolicyGroup[];
  /** Exact names. */
  readonly protected_branches: readonly string[];
  readonly rules: readonly PolicyRule[];
}

/** The condition of `rule`, whichever branch it is on; `any` when it has none, which allows the same. */
export function scopeOf(rule: PolicyRule): BranchScope {
  return rule.branch_scope ?? rule.target_branch_scope ?? "any";
}
