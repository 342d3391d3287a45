/**
 * EndRestoredRuns: runs that had not ended when a backup was taken are ended by its restore. They were ordered for the
 * cluster as it was, and the original may be alive and have them too: what begins by itself in a restored cluster is
 * what nobody there has asked for. What they had done is in the ledger and stays; their approvals stay open.
 *
 * Pure. The end of a run depends on the claim of the restore and on nothing else, so that a restore that is repeated
 * puts the same bytes.
 */
import { decodeRunRecord, encodeRunRecord, endedRun, type RunRecord } from "../apply/runs/run-record.ts";
import { runKey } from "../apply/runs/run-store.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { encodeRunOutput, outputKey, refusedAnswer } from "../worker/run-output.ts";
import type { RestoreClaim } from "./restore-claim.ts";

const CODE = "run_ended_by_restore";

/** The record of a run that has not ended, or null: it is none, it has ended, or it cannot be read. */
export function openRunIn(key: StoreKey, bytes: Uint8Array): RunRecord | null {
  if (!key.startsWith("__graphform/runs/")) return null;
  const decoded = decodeRunRecord(bytes);
  if (decoded.tag === "invalid" || runKey(decoded.record.run_id) !== key) return null;
  return decoded.record.state === "ended" ? null : decoded.record;
}

export interface EndedRun {
  readonly record: Uint8Array;
  /** What the run answers, if it had answered nothing. */
  readonly answer_key: StoreKey;
  readonly answer: Uint8Array;
}

export function endedByRestore(run: RunRecord, { at, backup }: RestoreClaim): EndedRun {
  const { run_id, diagnostics, state } = run;
  const ended = endedRun(run, "canceled", { at, codes: [...diagnostics, CODE] }, backup.backup_id);
  const message = `The run ${run_id} was ${state} when backup ${backup.backup_id} of ${backup.root} was taken.`;
  const problem = diagnostic(CODE, { path: runKey(run_id), message });
  return {
    record: encodeRunRecord(ended),
    answer_key: outputKey(run_id),
    answer: encodeRunOutput(run_id, refusedAnswer([problem]), backup.backup_id),
  };
}
