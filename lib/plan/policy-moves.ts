/**
 * PolicyMoves: policy changes that hand a scope from one policy to another happen together or not at all. Between them
 * the cluster or a graph would have two policies, which decides nothing for anybody, or none. Pure.
 */
import { parseAddress } from "../desired/address.ts";
import type { Change } from "./change.ts";

/** The changes; a policy waits for every other that shares a scope with it, before or after, and does not run. */
export function withPolicyMoves(changes: readonly Change[]): readonly Change[] {
  const policies = changes.filter(({ resource }) => parseAddress(resource)?.kind === "policy");
  const own = new Set(policies);
  const stopped = new Set(policies.filter((each) => each.disposition !== "applied").flatMap(scopesOf));
  // Each round may stop policies whose other scopes stop more of them.
  for (let grown = stopped.size > 0; grown; ) {
    const before = stopped.size;
    for (const each of policies) {
      const scopes = scopesOf(each);
      if (scopes.some((scope) => stopped.has(scope))) for (const scope of scopes) stopped.add(scope);
    }
    grown = stopped.size > before;
  }
  if (stopped.size === 0) return changes;
  return changes.map((change) => {
    const waits = own.has(change) && change.disposition === "applied";
    return waits && scopesOf(change).some((scope) => stopped.has(scope))
      ? { ...change, disposition: "blocked", reason: "dependency_not_applied" }
      : change;
  });
}

function scopesOf({ bound_to }: Change): readonly string[] {
  return bound_to ?? [];
}
