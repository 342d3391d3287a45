/**
 * PolicyBundle: the meaning of one policy file that passed every check (spec/policy 1.1, 5.2).
 *
 * Guarantees: pure data. Group names and rule ids are unique, every rule names a group that exists and at least one
 * action, no rule mixes kinds or carries a branch condition that its actions do not know. Members keep their text
 * exactly as written. Whatever no rule allows is denied, and what a rule or a duty denies is denied whoever allows it.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";
import type { ControlAction, PolicyAction } from "./action.ts";
import type { ChangeScope } from "./change-scope.ts";
import type { QueryScope } from "./query-scope.ts";

/** A condition on one branch. `any` also holds for a request without a branch; the other two need one. */
export const BRANCH_SCOPES = ["any", "protected", "unprotected"] as const;
export type BranchScope = (typeof BRANCH_SCOPES)[number];

/** Who sees which stored queries of a graph (spec/policy 5.3). */
export const QUERY_EXPOSURES = ["read_gated", "invocable", "policy"] as const;
export type QueryExposure = (typeof QUERY_EXPOSURES)[number];

/** Whether a request comes through a stored query (`stored`) or with text of its own (`inline`). */
export const VIAS = ["any", "stored", "inline"] as const;
export type Via = (typeof VIAS)[number];

export const AUTH_SOURCES = ["iam", "jwt"] as const;
export type AuthSource = (typeof AUTH_SOURCES)[number];

/** What a grant asks of the caller's authentication; null: nothing. */
export interface AuthScope {
  readonly sources: readonly AuthSource[] | null;
  readonly amr_any: readonly string[] | null;
}

/** Whom a duty keeps from acting. */
export const DUTY_PARTIES = ["change_authors", "approvers", "lock_holders"] as const;
export type DutyParty = (typeof DUTY_PARTIES)[number];

/** An obligation on everybody, whatever the rules allow (separation of duties). */
export interface PolicyDuty {
  readonly id: string;
  readonly actions: readonly ControlAction[];
  readonly actor_not_in: readonly DutyParty[];
  /** 0: none. */
  readonly min_approvals: number;
  /** Applies only if some change of the plan fits; null: always. */
  readonly change_scope: ChangeScope | null;
  readonly source: SourcePosition;
}

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
  readonly effect: "allow" | "deny";
  readonly group: string;
  readonly actions: readonly RuleAction[];
  /** On the branch that is read or written; null: no condition. */
  readonly branch_scope: BranchScope | null;
  /** On the branch that a change goes to; null: no condition. Never set together with `branch_scope`. */
  readonly target_branch_scope: BranchScope | null;
  /** On the stored query that is listed or invoked; null: the rule is about all of them, and about the graph. */
  readonly query_scope: QueryScope | null;
  readonly via: Via;
  /** Of an `allow`: every change must fit. Of a `deny`: some change fits. */
  readonly change_scope: ChangeScope | null;
  readonly auth: AuthScope | null;
  readonly lock_min_age_seconds: number | null;
  readonly source: SourcePosition;
}

export interface PolicyBundle {
  readonly version: 1;
  readonly groups: readonly PolicyGroup[];
  /** Exact names. */
  readonly protected_branches: readonly string[];
  readonly rules: readonly PolicyRule[];
  readonly query_exposure: QueryExposure;
  readonly duties: readonly PolicyDuty[];
}

/** A member that stands for everybody whose verified token carries a group claim: `jwt-group:<issuer alias>/<value>`. */
export const CLAIM_GROUP_PREFIX = "jwt-group:";

/** The condition of `rule`, whichever branch it is on; `any` when it has none, which allows the same. */
export function scopeOf(rule: PolicyRule): BranchScope {
  return rule.branch_scope ?? rule.target_branch_scope ?? "any";
}
