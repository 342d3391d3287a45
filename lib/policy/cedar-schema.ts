/**
 * The Cedar schema that every compiled bundle and every request is checked against (spec/policy 5.4), in Cedar's
 * JSON form.
 *
 * Guarantees: all context attributes are required, so that a request with a missing or an extra fact fails instead
 * of being decided on half of them.
 */
import type { PolicyAction } from "./action.ts";
import { actionKind, isQueryAction, POLICY_ACTIONS } from "./action.ts";
import type { CedarReference, CedarSchema } from "./cedar.ts";

export const CEDAR_NAMESPACE = "Omnigraph";

/** What a request about a graph or the server tells; protection is computed by the caller of Cedar. */
export interface RequestContext {
  readonly has_branch: boolean;
  /** Empty when there is none. */
  readonly branch: string;
  readonly has_target_branch: boolean;
  readonly target_branch: string;
  readonly branch_is_protected: boolean;
  readonly target_branch_is_protected: boolean;
  readonly via_stored_query: boolean;
}

/** What a request to the control plane tells. */
export interface ControlContext {
  readonly auth_source: string;
  readonly amr: readonly string[];
  readonly change_kinds: readonly string[];
  readonly change_operations: readonly string[];
  readonly change_graphs: readonly string[];
  readonly max_tier: number;
  readonly change_authors: readonly CedarReference[];
  readonly approvers: readonly CedarReference[];
  readonly approval_count: number;
  readonly lock_holders: readonly CedarReference[];
  readonly lock_age_seconds: number;
}

const TEXTS = { type: "Set", element: { type: "String" } } as const;
const ACTORS = { type: "Set", element: { type: "Entity", name: "Actor" } } as const;

export const CEDAR_SCHEMA: CedarSchema = {
  [CEDAR_NAMESPACE]: {
    commonTypes: {
      RequestContext: {
        type: "Record",
        attributes: {
          has_branch: { type: "Boolean" },
          branch: { type: "String" },
          has_target_branch: { type: "Boolean" },
          target_branch: { type: "String" },
          branch_is_protected: { type: "Boolean" },
          target_branch_is_protected: { type: "Boolean" },
          via_stored_query: { type: "Boolean" },
        },
      },
      ControlContext: {
        type: "Record",
        attributes: {
          auth_source: { type: "String" },
          amr: TEXTS,
          change_kinds: TEXTS,
          change_operations: TEXTS,
          change_graphs: TEXTS,
          max_tier: { type: "Long" },
          change_authors: ACTORS,
          approvers: ACTORS,
          approval_count: { type: "Long" },
          lock_holders: ACTORS,
          lock_age_seconds: { type: "Long" },
        },
      },
    },
    entityTypes: {
      Actor: { memberOfTypes: ["Group"] },
      Group: {},
      Graph: {},
      Server: {},
      Cluster: {},
      StoredQuery: {
        memberOfTypes: ["Graph"],
        shape: {
          type: "Record",
          attributes: { name: { type: "String" }, mutation: { type: "Boolean" } },
        },
      },
    },
    actions: Object.fromEntries(
      POLICY_ACTIONS.map((action) => [
        action,
        {
          appliesTo: {
            principalTypes: ["Actor"],
            resourceTypes: resourceTypes(action),
            context: { type: actionKind(action) === "cluster" ? "ControlContext" : "RequestContext" },
          },
        },
      ]),
    ),
  },
};

function resourceTypes(action: PolicyAction): string[] {
  switch (actionKind(action)) {
    case "graph":
      return isQueryAction(action) ? ["Graph", "StoredQuery"] : ["Graph"];
    case "server":
      return ["Server"];
    case "cluster":
      return ["Cluster"];
  }
}
