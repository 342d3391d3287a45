/**
 * The Cedar schema that every compiled bundle and every request is checked against (spec/policy 2.1), in Cedar's
 * JSON form.
 *
 * Guarantees: all context attributes are required, so that a request with a missing or an extra fact fails instead
 * of being decided on half of them.
 */
import { actionKind, POLICY_ACTIONS } from "./action.ts";
import type { CedarSchema } from "./cedar.ts";

export const CEDAR_NAMESPACE = "Omnigraph";

/** What a request tells about its branches; protection is computed by the caller of Cedar. */
export interface RequestContext {
  readonly has_branch: boolean;
  /** Empty when there is none. */
  readonly branch: string;
  readonly has_target_branch: boolean;
  readonly target_branch: string;
  readonly branch_is_protected: boolean;
  readonly target_branch_is_protected: boolean;
}

const RESOURCE_TYPES = { graph: "Graph", server: "Server" } as const;

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
        },
      },
    },
    entityTypes: { Actor: { memberOfTypes: ["Group"] }, Group: {}, Graph: {}, Server: {} },
    actions: Object.fromEntries(
      POLICY_ACTIONS.map((action) => [
        action,
        {
          appliesTo: {
            principalTypes: ["Actor"],
            resourceTypes: [RESOURCE_TYPES[actionKind(action)]],
            context: { type: "RequestContext" },
          },
        },
      ]),
    ),
  },
};
