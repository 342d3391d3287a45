/** Who holds the lock of a cluster, as a person, and for how long: facts of a forced unlock (spec/policy 5.7). */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readRun } from "../apply/runs/run-store.ts";
import { observeLock } from "../ledger/lock-observation.ts";

export interface LockFactsForPolicy {
  /** Empty: nobody is known. */
  readonly lock_holders: readonly string[];
  readonly lock_age_seconds: number;
}

export async function lockHolders(ports: ClusterPorts): Promise<LockFactsForPolicy> {
  const { holder, lock_age_seconds } = await observeLock(ports);
  if (holder === null) return { lock_holders: [], lock_age_seconds: lock_age_seconds ?? 0 };
  const since = Date.parse(holder.acquired_at);
  const age = Number.isNaN(since) ? 0 : Math.max(0, Math.floor((ports.clock.nowMs() - since) / 1000));
  const run = await readRun(ports, holder.run_id);
  const actor = run.tag === "found" ? run.stored.record.actor : null;
  return { lock_holders: actor === null ? [] : [actor], lock_age_seconds: age };
}
