/** The attempt that a worker of the deployment makes at a run. */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { attemptedRun, type RunRecord } from "../apply/runs/run-record.ts";
import { formatTimestamp } from "../ports/clock.ts";

/** The next version of the record: this process works on it, since `startedMs`. */
export function attempted(ports: ClusterPorts, record: RunRecord, startedMs: number): RunRecord {
  const { actor, trigger } = record;
  const started_at = formatTimestamp(startedMs);
  const attempt = { owner: ports.owner, actor, trigger, started_at, stop_after_ms: null };
  return attemptedRun(record, attempt, ports.ids.next());
}
