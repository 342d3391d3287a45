/**
 * The cancel command: a run that has not ended is given up, so that nobody goes on with it (design 7). What it has done
 * stays as it is; its plan stays used. Takes no lease: the record is moved on the version that was read, and a run that
 * a process works on now is left alone.
 */

import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { findRun } from "../apply/runs/find-run.ts";
import { endedRun, type RunRecord } from "../apply/runs/run-record.ts";
import { closeEndedRuns, moveRun, runKey } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { RunId } from "../digest/ids.ts";
import { retryRead } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";

export interface CanceledRun {
  /** Null if it was not canceled. */
  readonly run: RunRecord | null;
  readonly diagnostics: readonly Diagnostic[];
}

export async function cancelRun(ports: ClusterPorts, id: RunId): Promise<CanceledRun> {
  const refused = (...diagnostics: readonly Diagnostic[]): CanceledRun => ({ run: null, diagnostics });
  const found = await findRun(ports, id);
  if (found.tag === "refused") return refused(...found.diagnostics);
  const { stored } = found;
  const path = runKey(id);
  if (stored.record.state === "ended") {
    const message = `The run ${id} has ended: ${stored.record.outcome}.`;
    return refused(diagnostic("run_ended", { path, message }));
  }
  const lease = await retryRead(ports.clock, () => ports.lease.read());
  if (lease.tag === "unavailable") {
    const message = `It is not known whether a process works on the run ${id}: ${lease.reason}.`;
    return refused(diagnostic("run_record_read_error", { path, message }));
  }
  if (lease.holder?.run_id === id) {
    const message = `The process ${lease.holder.owner} works on the run ${id} now.`;
    const fix = "Stop that process first, or wait until it has ended.";
    return refused(diagnostic("run_taken_over", { path, message, fix }));
  }
  const end = { at: timestamp(ports.clock), codes: stored.record.diagnostics };
  const moved = await moveRun(ports, stored, endedRun(stored.record, "canceled", end, ports.ids.next()));
  switch (moved.tag) {
    case "moved":
      await closeEndedRuns(ports);
      return { run: moved.stored.record, diagnostics: [] };
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
