/**
 * What policy says to whom ordered a run, when the run is at work (design 9). The groups of a token are what somebody was
 * in when they ordered it, and a run may wait for weeks: old ones permit nothing any more, so policy is asked once with
 * them and once without. They still forbid what they forbid, and a group that a policy makes of actors is as it was.
 *
 * Guarantees: `allowed` only if every question was. `outdated`: only groups that are too old would permit it.
 */
import type { Access, AccessDecision, AccessRequest } from "../access/access.ts";
import type { Caller } from "../access/caller.ts";
import { CLAIM_GROUPS_MS_MAX } from "../access/limits.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";

export type RunDecision =
  | AccessDecision
  | { readonly tag: "outdated"; readonly message: string; readonly rules: readonly string[] };

export interface RunQuestion {
  readonly access: Access;
  readonly ports: ClusterPorts;
  readonly record: RunRecord;
  /** Who ordered the run. */
  readonly caller: Caller;
}

export async function decideForRun(
  { access, ports, record, caller }: RunQuestion,
  request: AccessRequest,
): Promise<RunDecision> {
  const occasion = { request_id: record.run_id };
  const decision = await access.decide(ports, caller, request, occasion);
  const ageMs = ports.clock.nowMs() - Date.parse(record.created_at);
  if (decision.tag !== "allowed" || caller.claim_groups.length === 0 || ageMs <= CLAIM_GROUPS_MS_MAX) {
    return decision;
  }
  const now = await access.decide(ports, { ...caller, claim_groups: [] }, request, occasion);
  return now.tag === "denied" ? { tag: "outdated", message: now.message, rules: now.rules } : now;
}

export function outdatedGroups(
  { caller, record }: Pick<RunQuestion, "caller" | "record">,
  path: string,
  reason: string,
): Diagnostic {
  const groups = caller.claim_groups.join(", ");
  const message = `${caller.actor} ordered the ${record.operation} at ${record.created_at} as a member of ${groups}, which does not count any more: ${reason}`;
  return diagnostic("run_groups_outdated", { path, message });
}
