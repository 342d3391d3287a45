/**
 * PolicyAction: what a rule of a policy bundle can allow (spec/policy 1.2).
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
  "graph_list",
] as const;

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** What an action is about: one graph, or the server that holds them all. */
export type ActionKind = "graph" | "server";

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
  graph_list: { kind: "server", conditional_on: "none" },
};

/** The kind of resource that `action` is about. */
export function actionKind(action: PolicyAction): ActionKind {
  return TRAITS[action].kind;
}

/** The branch that a rule with `action` may put a condition on. */
export function conditionalBranch(action: PolicyAction): BranchRole {
  return TRAITS[action].conditional_on;
}

/** The action spelled `text` in a bundle (snake_case, case-sensitive), or null. */
export function parseAction(text: string): PolicyAction | null {
  return POLICY_ACTIONS.find((action) => action === text) ?? null;
}

/** As {@link parseAction}, for the command line: both `schema_apply` and `schema-apply` are understood. */
export function parseActionFlag(text: string): PolicyAction | null {
  return parseAction(text.includes("_") ? text : text.replaceAll("-", "_"));
}
