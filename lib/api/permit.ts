/**
 * Permit: asks access, and turns a denial into the answer that tells no more than the caller may know.
 *
 * A caller whom the policy of the cluster does not know gets the 404 of a cluster that does not exist; one whom it knows
 * gets 403 with the rule, because the routes are no secret and operators need the reason (spec/policy 5.3, 5.7).
 */
import type { AccessDecision, AccessRequest } from "../access/access.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { ClusterExchange } from "./api.ts";
import { type Refusal, refusal } from "./problem.ts";

/** May the caller apply at all? Asked with the mildest change there is; what really changes is asked about when it runs. */
export const MAY_APPLY: AccessRequest = {
  kind: "operate",
  changes: { kinds: [], operations: [], graphs: [], max_tier: "display_only" },
};

/** May the caller end by force what is no lock? */
export const MAY_FORCE: AccessRequest = { kind: "force", lock_id: null };

/** Null if the caller may; else what to answer. */
export async function permit(exchange: ClusterExchange, request: AccessRequest): Promise<Refusal | null> {
  const { api, ports, caller, request_id } = exchange;
  return refusedBy(exchange, request, await api.access.decide(ports, caller, request, { request_id }));
}

async function refusedBy(
  exchange: ClusterExchange,
  request: AccessRequest,
  decision: AccessDecision,
): Promise<Refusal | null> {
  switch (decision.tag) {
    case "allowed":
      return null;
    case "denied": {
      if (decision.masked) {
        return request.kind === "graph" ? missingGraph(exchange, request.graph) : unknownCluster(exchange);
      }
      const rules = decision.rules.length === 0 ? "" : ` Rules: ${decision.rules.join(", ")}.`;
      const facts = { path: exchange.cluster, message: `${decision.message}.${rules}` };
      return { status: 403, diagnostics: [diagnostic("api_denied", facts)] };
    }
    case "failed":
      return undecided(exchange, decision.reason);
    default:
      return assertNever(decision);
  }
}

/** True of a 403, whose reason the caller may know; not of the 404 for whom nothing is there. */
export function isDenial({ status, diagnostics }: Refusal): boolean {
  return status === 403 && diagnostics.every((each) => each.code === "api_denied");
}

/**
 * What to answer instead of "there is none" to a caller who must not learn that the cluster exists; null: they may know.
 */
export async function hiddenCluster(exchange: ClusterExchange): Promise<Refusal | null> {
  const { api, ports, caller, request_id } = exchange;
  const asked = { kind: "control", action: "cluster_read_status" } as const;
  const decision = await api.access.decide(ports, caller, asked, { request_id });
  if (decision.tag === "failed") return undecided(exchange, decision.reason);
  return decision.tag === "denied" && decision.masked ? unknownCluster(exchange) : null;
}

/** The reason is for the log: whoever asks may not be somebody who should learn it. */
export function undecided({ api, cluster, request_id }: ClusterExchange, reason: string): Refusal {
  api.deployment.log.warn({ event: "access.undecided", cluster, request_id, reason });
  return refusal(500, "api_undecided", cluster, "It could not be decided whether the request is allowed.");
}

/** The same for a cluster that does not exist and for one that the caller must not know of. */
export function unknownCluster({ params }: Pick<ClusterExchange, "params">): Refusal {
  const name = params["cluster"] ?? "";
  return refusal(
    404,
    "api_not_found",
    name,
    `There is no cluster "${name}", or nothing in it, that you may know of.`,
  );
}

/**
 * The same for a graph that does not exist and for one that the caller must not know of; that of a cluster that does not
 * exist for a caller who must not even know of the cluster.
 */
export async function missingGraph(exchange: ClusterExchange, graph: string): Promise<Refusal> {
  const message = `There is no graph "${graph}" that you may know of.`;
  return (await hiddenCluster(exchange)) ?? refusal(404, "api_not_found", `graph.${graph}`, message);
}
