/**
 * Access: may this caller do this to this cluster? Decided by Cedar on the policy of the applied revision, never on the
 * proposed one (spec/policy 5.1, 5.7). Default deny. Every decision leaves an audit record; where that of an allowed
 * apply, approval, operation, forced unlock or export cannot be written, the answer is `failed`.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { Address } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import type { ControlAction } from "../policy/action.ts";
import type { ChangeFacts } from "../policy/control-facts.ts";
import type { Caller } from "./caller.ts";

export type GraphAction = "read" | "export" | "change" | "schema_apply" | "admin";

/** What policy is asked about without facts but the caller's. */
export type PlainAction = Exclude<
  ControlAction,
  "cluster_apply" | "cluster_approve" | "cluster_force_unlock"
>;

/** What is asked. Facts that the caller of `decide` leaves out are taken as the worst (spec/policy 5.7). */
export type AccessRequest =
  | { readonly kind: "control"; readonly action: PlainAction }
  /** `ledger`: the one that is held under the lease, where there is one. */
  | {
      readonly kind: "apply";
      readonly plan: PlanDocument;
      readonly ledger: ReadyLedger | null;
      /** Who uploaded the config and made the plan. */
      readonly authors: readonly string[];
    }
  | {
      readonly kind: "approve";
      readonly plan: PlanDocument;
      readonly address: string;
      readonly authors: readonly string[];
    }
  /** A command that changes the cluster without a plan, with what it changes; asked for as `cluster_apply`. */
  | { readonly kind: "operate"; readonly changes: ChangeFacts }
  /**
   * Ending the protection of a graph: somebody's word that what cannot be undone may be done, asked for as
   * `cluster_approve` of such a change, whose author is whoever protected the graph.
   */
  | { readonly kind: "unprotect"; readonly graph: string }
  /**
   * Ending by force what holds the cluster up, asked for as `cluster_force_unlock`. `lock_id`: the lock that is to end,
   * about which policy may have a say; null: something else, such as what a dead letter blocked.
   */
  | { readonly kind: "force"; readonly lock_id: string | null }
  | { readonly kind: "graph"; readonly action: GraphAction; readonly graph: GraphId };

/** `masked`: the caller must not learn whether the thing exists, so the answer is 404. */
export type AccessDecision =
  | { readonly tag: "allowed"; readonly rules: readonly string[] }
  | {
      readonly tag: "denied";
      readonly message: string;
      readonly rules: readonly string[];
      readonly masked: boolean;
    }
  | { readonly tag: "failed"; readonly reason: string };

export interface QueryListing {
  readonly name: string;
  /** Digest of the `.gq` file that holds it. */
  readonly digest: string;
  readonly mutation: boolean;
}

/** `hidden`: unknown graph, or one whose policy does not know the caller; both are the same 404. */
export type QueryCatalog =
  | { readonly tag: "listed"; readonly queries: readonly QueryListing[]; readonly revision: number }
  | { readonly tag: "hidden" }
  | { readonly tag: "failed"; readonly reason: string };

/** Whether the applied policy wants a change approved although its plan has no gate for it. */
export type ApprovalDemand =
  | { readonly tag: "demanded" }
  | { readonly tag: "free" }
  | { readonly tag: "failed"; readonly reason: string };

/** The changes of a plan that duties of the applied policy want more approvals of than count now. */
export type ApprovalsAwaited =
  | { readonly tag: "awaited"; readonly addresses: readonly Address[] }
  | { readonly tag: "failed"; readonly reason: string };

/** What a decision belongs to, for the audit. */
export interface AccessOccasion {
  readonly request_id: string | null;
}

export interface Access {
  decide(
    ports: ClusterPorts,
    caller: Caller,
    request: AccessRequest,
    occasion?: AccessOccasion,
  ): Promise<AccessDecision>;
  /** What could run if somebody approved it; asked when an apply was denied. No decision, so nothing is recorded. */
  awaited(
    ports: ClusterPorts,
    caller: Caller,
    request: Extract<AccessRequest, { readonly kind: "apply" }>,
  ): Promise<ApprovalsAwaited>;
  /** The queries that policy lets the caller see (spec/policy 5.3). */
  queries(
    ports: ClusterPorts,
    caller: Caller,
    graph: GraphId,
    occasion?: AccessOccasion,
  ): Promise<QueryCatalog>;
}

/** What somebody needs to know besides who gives approvals out. */
export interface ApprovalAccess extends Access {
  /** Does a duty of the applied policy count approvals of this change? (spec/policy 5.7) */
  demandsApproval(ports: ClusterPorts, change: Change): Promise<ApprovalDemand>;
}
