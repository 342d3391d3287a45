/**
 * AwaitingApproval: the changes of a plan when some of them wait for an approval that no gate of the plan knows of,
 * because a duty of the policy wants it (spec/policy 5.7). What depends on them waits with them. Pure.
 */
import { type Address, graphAddress, parseAddress, schemaAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Change } from "../plan/change.ts";
import type { Edge } from "../plan/edges.ts";
import { withPolicyMoves } from "../plan/policy-moves.ts";
import { demote, type FailureOrigin } from "./demote.ts";
import type { Resources } from "./next-resources.ts";

export function awaitingApproval(
  changes: readonly Change[],
  awaiting: readonly Address[],
  edges: readonly Edge[],
  recorded: Resources,
): readonly Change[] {
  if (awaiting.length === 0) return changes;
  const waiting = new Set(awaiting);
  const held = changes.filter(
    ({ resource, disposition }) => waiting.has(resource) && disposition === "applied",
  );
  const carriers = new Set(held.flatMap((change) => carriersOf(change, changes)));
  const own = changes.map((change): Change => {
    if (change.disposition !== "applied") return change;
    if (waiting.has(change.resource))
      return { ...change, disposition: "blocked", reason: "approval_required" };
    if (!carriers.has(change.resource)) return change;
    return { ...change, disposition: "blocked", reason: "dependency_not_applied" };
  });
  const origins = changes.flatMap((change) =>
    waiting.has(change.resource) || carriers.has(change.resource) ? originOf(change) : [],
  );
  return withPolicyMoves(demote(own, new Map(origins), edges, recorded));
}

/**
 * What cannot be done without the change that waits: a graph is created with its schema, and a query that is deployed
 * and stays as it is for now may need the schema that its new text replaces.
 */
function carriersOf({ resource, operation }: Change, changes: readonly Change[]): readonly Address[] {
  const address = parseAddress(resource);
  if (address?.kind === "schema" && operation === "create") return [graphAddress(address.graph)];
  if (address?.kind !== "query" || operation === "create") return [];
  const schema = schemaAddress(address.graph);
  return changes.some((each) => each.resource === schema && each.operation === "update") ? [schema] : [];
}

function originOf({ resource, operation }: Change): readonly (readonly [GraphId, FailureOrigin])[] {
  const address = parseAddress(resource);
  const origin = operation === "update" ? null : operation;
  if (address?.kind === "schema") return [[address.graph, origin ?? "schema"]];
  return address?.kind === "graph" && origin !== null ? [[address.graph, origin]] : [];
}
