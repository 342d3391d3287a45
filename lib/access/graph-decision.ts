/**
 * GraphDecision: what the policy of one graph says of its data (spec/policy 2.3, 5.7). A graph that does not exist and
 * one whose policy does not know the caller are denied alike.
 */
import { graphAddress } from "../desired/address.ts";
import type { AccessDecision, AccessRequest } from "./access.ts";
import type { AppliedRead } from "./applied-policy.ts";
import { accessDecision } from "./control-decision.ts";
import { type Asked, type Judged, undecided } from "./judged.ts";

/** The branch that every graph has; there is no other yet. */
export const MAIN_BRANCH = "main";

export async function graphDecision(
  asked: Asked,
  applied: Exclude<AppliedRead, { tag: "failed" }>,
  { action, graph }: Extract<AccessRequest, { kind: "graph" }>,
): Promise<Judged> {
  const { settings, shelf, ports, caller } = asked;
  const branch = action === "schema_apply" ? { target_branch: MAIN_BRANCH } : { branch: MAIN_BRANCH };
  const unbound = { policy_digest: null, context: { unbound_graph: settings.unbound_graph } };
  if (applied.tag === "nothing" || !(graphAddress(graph) in applied.resources)) {
    return { ...unbound, decision: unknown(graph) };
  }
  const bound = await shelf.graph(ports, applied, graph);
  switch (bound.tag) {
    case "failed":
      return undecided(bound.reason);
    case "unbound":
      if (settings.unbound_graph === "deny") return { ...unbound, decision: unknown(graph) };
      if (action === "read")
        return { ...unbound, decision: { tag: "allowed", rules: ["unbound-graph-read"] } };
      return { ...unbound, decision: unboundDenial(action, graph) };
    case "engine": {
      const { engine, digest } = bound;
      const decided = engine.decide({ ...caller, action, ...branch });
      const context = { groups: engine.groupsOf(caller), ...branch };
      return { decision: accessDecision(decided, engine.knows(caller)), policy_digest: digest, context };
    }
  }
}

function unknown(graph: string): AccessDecision {
  return { tag: "denied", message: `no policy of graph.${graph} knows the caller`, rules: [], masked: true };
}

function unboundDenial(action: string, graph: string): AccessDecision {
  const message = `graph.${graph} has no policy, so it can be read and '${action}' is denied`;
  return { tag: "denied", message, rules: [], masked: false };
}
