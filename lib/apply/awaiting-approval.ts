/**
 * AwaitingApproval: the changes of a plan when some of them wait for an approval that no gate of the plan knows of,
 * because a duty of the policy wants it (spec/policy 5.7). What depends on them waits with them. Pure.
 */
import { type Address, parseAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Change } from "../plan/change.ts";
import type { Edge } from "../plan/edges.ts";
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
  const own = changes.map(
    (change): Change =>
      waiting.has(change.resource) && change.disposition === "applied"
        ? { ...change, disposition: "blocked", reason: "approval_required" }
        : change,
  );
  const origins = changes.flatMap((change) => (waiting.has(change.resource) ? originOf(change) : []));
  return demote(own, new Map(origins), edges, recorded);
}

function originOf({ resource, operation }: Change): readonly (readonly [GraphId, FailureOrigin])[] {
  const address = parseAddress(resource);
  if (address?.kind === "schema") return [[address.graph, "schema"]];
  if (address?.kind !== "graph" || operation === "update") return [];
  return [[address.graph, operation === "delete" ? "delete" : "create"]];
}
