/**
 * ControlFacts: what is known about a request to the control plane (spec/policy 5.7).
 *
 * Guarantees: pure. A fact that is not given is taken as the worst: changes of every kind, operation and graph, of the
 * severest tier, by authors whom nobody knows, without approvals, under a lock that was just taken by somebody whom
 * nobody knows, by a caller who proved nothing.
 */
import type { PolicyBundle } from "./bundle.ts";
import type { ControlContext } from "./cedar-schema.ts";
import type { ChangeKind, ChangeOperation, ChangeTier } from "./change-scope.ts";
import {
  CHANGE_KINDS,
  CHANGE_OPERATIONS,
  CLUSTER_SENTINEL,
  tierRank,
  UNKNOWN_GRAPH,
} from "./change-scope.ts";
import { actorEntity } from "./entity.ts";

/** What the changes of a plan are, taken together. */
export interface ChangeFacts {
  readonly kinds: readonly ChangeKind[];
  readonly operations: readonly ChangeOperation[];
  /** Graph ids; `@cluster` for what belongs to no graph, `@unknown` for what cannot be told. */
  readonly graphs: readonly string[];
  readonly max_tier: ChangeTier;
}

export interface ControlFacts extends Partial<ChangeFacts> {
  /** Whoever had a hand in the changes: plan, config, files. */
  readonly authors?: readonly string[] | undefined;
  /** Who approved, without the authors. */
  readonly approvers?: readonly string[] | undefined;
  /** The fewest valid approvers of any gated change. */
  readonly approval_count?: number | undefined;
  readonly lock_holders?: readonly string[] | undefined;
  readonly lock_age_seconds?: number | undefined;
  /** `iam`, `jwt`, or what else the deployment verifies. */
  readonly auth_source?: string | undefined;
  /** How the person proved who they are, from a verified token. */
  readonly amr?: readonly string[] | undefined;
}

/** The context for Cedar; `mentioned` are the graphs that the bundle speaks about. */
export function contextOfFacts(facts: ControlFacts, mentioned: readonly string[]): ControlContext {
  const actors = (ids: readonly string[] = []) => ids.map((id) => ({ __entity: actorEntity(id) }));
  const graphs = facts.graphs ?? [CLUSTER_SENTINEL, UNKNOWN_GRAPH];
  return {
    auth_source: facts.auth_source ?? "",
    amr: facts.amr ?? [],
    change_kinds: facts.kinds ?? CHANGE_KINDS,
    change_operations: facts.operations ?? CHANGE_OPERATIONS,
    // A graph that cannot be named may be any of those that a rule denies.
    change_graphs: graphs.includes(UNKNOWN_GRAPH) ? [...graphs, ...mentioned] : graphs,
    max_tier: tierRank(facts.max_tier ?? "irreversible"),
    change_authors: actors(facts.authors),
    approvers: actors(facts.approvers),
    approval_count: wholeNumber(facts.approval_count),
    lock_holders: actors(facts.lock_holders),
    lock_age_seconds: wholeNumber(facts.lock_age_seconds),
  };
}

/** Cedar knows whole numbers only, and no bundle asks for more than fits. */
function wholeNumber(value: number | undefined): number {
  if (value === undefined || !(value > 0)) return 0;
  return Math.floor(Math.min(value, Number.MAX_SAFE_INTEGER));
}

/** The graphs that rules and duties of `bundle` name. */
export function mentionedGraphs(bundle: PolicyBundle): readonly string[] {
  const scopes = [...bundle.rules, ...bundle.duties].map((each) => each.change_scope);
  return [...new Set(scopes.flatMap((scope) => scope?.graphs ?? []))];
}
