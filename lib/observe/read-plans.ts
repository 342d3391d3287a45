/** Every stored plan, as far as it matters whether it can be used: readable, and under its own name. */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { listAll } from "../apply/list-all.ts";
import { PLANS_PREFIX } from "../apply/planning/plan-store.ts";
import { inWaves } from "../apply/wave.ts";
import { isUlid } from "../digest/ids.ts";
import { readObjectRetrying, retryRead } from "../ledger/retry.ts";
import { decodePlan } from "../plan/plan-codec.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { PLANS_CHECKED_MAX } from "./limits.ts";

export interface PlanFinding {
  readonly key: StoreKey;
  /** What is wrong with it; null if nothing is. */
  readonly problem: string | null;
}

export type PlansRead =
  | { readonly tag: "read"; readonly plans: readonly PlanFinding[] }
  | { readonly tag: "unavailable"; readonly reason: string };

export async function readPlans(ports: Pick<ClusterPorts, "store" | "clock">): Promise<PlansRead> {
  const listing = await retryRead(ports.clock, () =>
    listAll(ports.store, PLANS_PREFIX, PLANS_CHECKED_MAX, true),
  );
  if (listing.tag === "unavailable") return listing;
  const named = listing.keys.flatMap((key) => {
    const id = key.slice(PLANS_PREFIX.length, -".json".length);
    return isUlid(id) ? [{ key, id }] : [];
  });
  const plans = await inWaves(named, async ({ key, id }): Promise<PlanFinding | string> => {
    const read = await readObjectRetrying(ports, key);
    if (read.tag === "unavailable") return read.reason;
    if (read.tag === "absent") return { key, problem: null };
    const decoded = decodePlan(new TextDecoder().decode(read.bytes), key);
    if (decoded.tag === "invalid")
      return { key, problem: decoded.diagnostics[0]?.message ?? "it is damaged" };
    const { plan_id } = decoded.plan;
    return { key, problem: plan_id === id ? null : `it is the plan ${plan_id}` };
  });
  const failed = plans.find((each) => typeof each === "string");
  if (typeof failed === "string") return { tag: "unavailable", reason: failed };
  return { tag: "read", plans: plans.filter((each) => typeof each !== "string") };
}
