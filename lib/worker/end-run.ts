/** Ends a run under the version of its record that was read: its answer is kept first, then the record says so. */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { endedRun, type RunOutcome, type RunRecord } from "../apply/runs/run-record.ts";
import { closeRun, moveRun, type StoredRun } from "../apply/runs/run-store.ts";
import type { ClusterName } from "../digest/ids.ts";
import { timestamp } from "../ports/clock.ts";
import { announceRun } from "./announce.ts";
import type { Deployment } from "./deployment.ts";
import { keepRunOutput, type RunAnswer } from "./run-output.ts";

export interface RunEnd {
  /** The version that ends; a version that was not stored may lie between it and the stored one. */
  readonly record: RunRecord;
  readonly outcome: RunOutcome;
  readonly answer: RunAnswer;
}

/** `overtaken`: somebody else has moved the run meanwhile. `unknown`: it may have ended, or could not. */
export type RunEnded = "ended" | "overtaken" | "unknown";

export async function endRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  { record, outcome, answer }: RunEnd,
): Promise<RunEnded> {
  const codes = answer.output.diagnostics.map((each) => each.code);
  const end = { at: timestamp(ports.clock), codes };
  if (!(await keepRunOutput(ports, record.run_id, answer))) {
    deployment.log.warn({ event: "run.answer_not_kept", cluster, run_id: record.run_id });
    return "unknown";
  }
  const moved = await moveRun(ports, stored, endedRun(record, outcome, end, ports.ids.next()));
  switch (moved.tag) {
    case "moved":
      await closeRun(ports, record.run_id);
      await announceRun(deployment, cluster, moved.stored.record);
      return "ended";
    case "refused":
      return "overtaken";
    case "unknown":
      return "unknown";
  }
}
