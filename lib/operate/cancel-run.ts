/**
 * The cancel command: a run that has not ended is given up, so that nobody goes on with it (design 7). What it has done
 * stays as it is; its plan stays used. Takes no lease: the record is moved on the version that was read, and a run that
 * a process works on now is left alone.
 *
 * Guarantees: a run that is said to be canceled changes no graph any more. A load takes no lease, so one that was begun is
 * left alone as long as its worker may live; after that it ends as `unknown`, because its rows may have arrived.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { findRun } from "../apply/runs/find-run.ts";
import { endedRun, type RunRecord } from "../apply/runs/run-record.ts";
import { closeEndedRuns, moveRun, runKey } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { RunId } from "../digest/ids.ts";
import { retryRead } from "../ledger/retry.ts";
import { formatTimestamp, timestamp } from "../ports/clock.ts";
import { ATTEMPT_MS_MAX, CLOCK_SKEW_MS_MAX } from "./limits.ts";

export interface CanceledRun {
  /** Null if it was not canceled. */
  readonly run: RunRecord | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** `attemptMsMax`: no worker of the deployment works longer than this on one run. */
export async function cancelRun(
  ports: ClusterPorts,
  id: RunId,
  attemptMsMax = ATTEMPT_MS_MAX,
): Promise<CanceledRun> {
  const refused = (...diagnostics: readonly Diagnostic[]): CanceledRun => ({ run: null, diagnostics });
  const found = await findRun(ports, id);
  if (found.tag === "refused") return refused(...found.diagnostics);
  const { stored } = found;
  const path = runKey(id);
  if (stored.record.state === "ended") {
    const message = `The run ${id} has ended: ${stored.record.outcome}.`;
    return refused(diagnostic("run_ended", { path, message }));
  }
  const busy = await workedOn(ports, stored.record, attemptMsMax);
  if (busy !== null) return refused(busy);
  const left = leftUnknown(stored.record);
  const codes = [...stored.record.diagnostics, ...left.map(({ code }) => code)];
  const outcome = left.length === 0 ? "canceled" : "unknown";
  const end = { at: timestamp(ports.clock), codes };
  const moved = await moveRun(ports, stored, endedRun(stored.record, outcome, end, ports.ids.next()));
  switch (moved.tag) {
    case "moved":
      await closeEndedRuns(ports);
      return { run: moved.stored.record, diagnostics: left };
    case "refused": {
      const message = `Another process has begun to work on the run ${id}.`;
      return refused(diagnostic("run_taken_over", { path, message }));
    }
    case "unknown": {
      const message = `It is not known whether the run ${id} is canceled: ${moved.reason}.`;
      return refused(diagnostic("run_record_write_error", { path, message }));
    }
    default:
      return assertNever(moved);
  }
}

/** What nobody can tell of a run that is given up: rows that a worker was loading may be there or not. */
export function leftUnknown({ run_id, load }: RunRecord): readonly Diagnostic[] {
  if (load === null || load.since_version === null) return [];
  const path = `graph.${load.graph}`;
  const message = `A worker had begun to load the rows of the run ${run_id}, which may be in ${path} or not.`;
  return [diagnostic("load_outcome_unknown", { path, message, severity: "warning" })];
}

/** Why the run is left alone; null: no process works on it. */
async function workedOn(
  { lease, clock }: ClusterPorts,
  { run_id, load, attempts }: RunRecord,
  attemptMsMax: number,
): Promise<Diagnostic | null> {
  const path = runKey(run_id);
  const read = await retryRead(clock, () => lease.read());
  if (read.tag === "unavailable") {
    const message = `It is not known whether a process works on the run ${run_id}: ${read.reason}.`;
    return diagnostic("run_record_read_error", { path, message });
  }
  if (read.holder?.run_id === run_id) {
    const message = `The process ${read.holder.owner} works on the run ${run_id} now.`;
    const fix = "Stop that process first, or wait until it has ended.";
    return diagnostic("run_taken_over", { path, message, fix });
  }
  const last = attempts.at(-1);
  if (load === null || last === undefined || last.ended_at !== null) return null;
  const overMs = Date.parse(last.started_at) + attemptMsMax + CLOCK_SKEW_MS_MAX;
  if (clock.nowMs() > overMs) return null;
  const message = `The worker ${last.owner} began to load the rows of the run ${run_id} at ${last.started_at}, and may still do it.`;
  const fix = `Wait for its end: \`graphform runs watch ${run_id}\`. It can be given up after ${formatTimestamp(overMs)}.`;
  return diagnostic("run_taken_over", { path, message, fix });
}
