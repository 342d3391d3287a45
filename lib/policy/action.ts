/**
 * PolicyAction: what a rule of a policy bundle can allow or deny (spec/policy 1.2, 5.2).
 *
 * Guarantees: the table is the only place that knows which resource an action is about and which of the two branch
 * conditions suits it; parsing, compiling, deciding and comparing all read it.
 */

export const POLICY_ACTIONS = [
  "read",
  "export",
  "change",
  "schema_apply",
  "branch_create",
  "branch_delete",
  "branch_merge",
  "admin",
  "invoke_query",
  "list_query",
  "graph_list",
  "cluster_validate",
  "cluster_plan",
  "cluster_apply",
  "cluster_approve",
  "cluster_refresh",
  "cluster_import",
  "cluster_force_unlock",
  "cluster_read_status",
  "cluster_read_history",
] as const;

export type PolicyAction = (typeof POLICY_ACTIONS)[number];
export type ControlAction = Extract<PolicyAction, `cluster_${string}`>;

/** What an action is about: one graph, the server that holds them all, or the control plane of the cluster. */
export type ActionKind = "graph" | "server" | "cluster";

/** The branch of a request that a rule may put a condition on: where it reads or writes, or where a change goes. */
export type BranchRole = "branch" | "target_branch" | "none";

interface ActionTraits {
  readonly kind: ActionKind;
  readonly conditional_on: BranchRole;
}

const TRAITS: Readonly<Record<PolicyAction, ActionTraits>> = {
  read: { kind: "graph", conditional_on: "branch" },
  export: { kind: "graph", conditional_on: "branch" },
  change: { kind: "graph", conditional_on: "branch" },
  schema_apply: { kind: "graph", conditional_on: "target_branch" },
  branch_create: { kind: "graph", conditional_on: "target_branch" },
  branch_delete: { kind: "graph", conditional_on: "target_branch" },
  branch_merge: { kind: "graph", conditional_on: "target_branch" },
  admin: { kind: "graph", conditional_on: "none" },
  invoke_query: { kind: "graph", conditional_on: "none" },
  list_query: { kind: "graph", conditional_on: "none" },
  graph_list: { kind: "server", conditional_on: "none" },
  cluster_validate: { kind: "cluster", conditional_on: "none" },
  cluster_plan: { kind: "cluster", conditional_on: "none" },
  cluster_apply: { kind: "cluster", conditional_on: "none" },
  cluster_approve: { kind: "cluster", conditional_on: "none" },
  cluster_refresh: { kind: "cluster", conditional_on: "none" },
  cluster_import: { kind: "cluster", conditional_on: "none" },
  cluster_force_unlock: { kind: "cluster", conditional_on: "none" },
  cluster_read_status: { kind: "cluster", conditional_on: "none" },
  cluster_read_history: { kind: "cluster", conditional_on: "none" },
};

/** The kind of resource that `action` is about. */
export function actionKind(action: PolicyAction): ActionKind {
  return TRAITS[action].kind;
}

/** The branch that a rule with `action` may put a condition on. */
export function conditionalBranch(action: PolicyAction): BranchRole {
  return TRAITS[action].conditional_on;
}

/** True for an action of the control plane. */
export function isControlAction(action: PolicyAction): action is ControlAction {
  return actionKind(action) === "cluster";
}

/** True for an action that may be about a single stored query. */
export function isQueryAction(action: PolicyAction): action is "invoke_query" | "list_query" {
  return action === "invoke_query" || action === "list_query";
}

/** True for an action that `via` can tell apart: one that a stored query does on behalf of its caller. */
export function isDoneByQueries(action: PolicyAction): boolean {
  return action === "read" || action === "change";
}

/** True for an action that a plan's changes are facts of. */
export function isAboutChanges(action: PolicyAction): boolean {
  return action === "cluster_apply" || action === "cluster_approve";
}

/** The action spelled `text` in a bundle (snake_case, case-sensitive), or null. */
export function parseAction(text: string): PolicyAction | null {
  return POLICY_ACTIONS.find((action) => action === text) ?? null;
}

/** As {@link parseAction}, for the command line: both `schema_apply` and `schema-apply` are understood. */
export function parseActionFlag(text: string): PolicyAction | null {
  return parseAction(text.includes("_") ? text : text.replaceAll("-", "_"));
}
