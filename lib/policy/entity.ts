/** The Cedar entities of callers, groups, actions and resources (spec/policy 2.1, 5.4). */
import { assertNever } from "../digest/assert.ts";
import type { PolicyAction } from "./action.ts";
import { actionKind } from "./action.ts";
import type { CedarEntity, CedarRecord } from "./cedar.ts";
import { CEDAR_NAMESPACE } from "./cedar-schema.ts";
import type { QueryRef } from "./query-scope.ts";
import type { PolicyScope } from "./scope.ts";

export const STORED_QUERY_TYPE = `${CEDAR_NAMESPACE}::StoredQuery`;
export const GRAPH_TYPE = `${CEDAR_NAMESPACE}::Graph`;

/** The id that stands in for a graph where a bundle is compiled for the server, and the other way round. */
const PLACEHOLDER_ID = "root";
const SERVER_ID = "root";

/** The entity of a caller. */
export function actorEntity(actor: string): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Actor`, id: actor };
}

/** The entity of a group. */
export function groupEntity(group: string): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Group`, id: group };
}

/** The entity of an action. */
export function actionEntity(action: PolicyAction): CedarEntity {
  return { type: `${CEDAR_NAMESPACE}::Action`, id: action };
}

/** The entity of the graph of `scope`. */
export function graphEntity(scope: PolicyScope): CedarEntity {
  return { type: GRAPH_TYPE, id: scope.kind === "graph" ? scope.graph : PLACEHOLDER_ID };
}

/** A stored query of the graph of `scope`, and what Cedar has to know of it. */
export function queryEntity(
  scope: PolicyScope,
  query: QueryRef,
): { entity: CedarEntity; record: CedarRecord } {
  const graph = graphEntity(scope);
  return {
    entity: { type: STORED_QUERY_TYPE, id: `${graph.id}/${query.name}` },
    record: { attributes: { name: query.name, mutation: query.mutation }, parents: [graph] },
  };
}

/** What `action` is about in `scope`; the action's kind decides, so that a request can never be about the wrong one. */
export function resourceEntity(action: PolicyAction, scope: PolicyScope): CedarEntity {
  const kind = actionKind(action);
  switch (kind) {
    case "server":
      return { type: `${CEDAR_NAMESPACE}::Server`, id: SERVER_ID };
    case "cluster":
      return {
        type: `${CEDAR_NAMESPACE}::Cluster`,
        id: (scope.kind === "server" ? scope.cluster : undefined) ?? PLACEHOLDER_ID,
      };
    case "graph":
      return graphEntity(scope);
    default:
      return assertNever(kind);
  }
}
