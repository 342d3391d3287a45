/** A run as readers see it: its record, without who exactly its caller was, and what it has answered. */
import { findRun } from "../apply/runs/find-run.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { pageOfRuns } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { RunId } from "../digest/ids.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { RUN_PAGE_ITEMS_MAX } from "./limits.ts";
import { type KeptAnswer, readRunOutput } from "./run-output.ts";

export interface RunView {
  readonly run: RunRecord;
  /** Null while the run has answered nothing. */
  readonly output: KeptAnswer | null;
  readonly diagnostics: readonly Diagnostic[];
}

export type RunViewRead =
  | { readonly tag: "found"; readonly view: RunView }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function readRunView(ports: StorePorts, id: RunId): Promise<RunViewRead> {
  const found = await findRun(ports, id);
  if (found.tag === "refused") return found;
  // Read after the record, so that the answer of a run that has ended is there.
  const { answer, diagnostics } = await readRunOutput(ports, id);
  return { tag: "found", view: { run: shownRun(found.stored.record), output: answer, diagnostics } };
}

/** Proofs and groups of the caller are for policy and the audit. */
export function shownRun(record: RunRecord): RunRecord {
  return { ...record, caller: null };
}

export interface RunPageRequest {
  readonly limit: number;
  /** The `next` of the page before; null: the newest. */
  readonly before: RunId | null;
}

export type RunViewPage =
  | {
      readonly tag: "page";
      /** Newest first. */
      readonly items: readonly RunRecord[];
      readonly next: RunId | null;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function listRunViews(
  ports: StorePorts,
  { limit, before }: RunPageRequest,
): Promise<RunViewPage> {
  const count = Math.max(1, Math.min(limit, RUN_PAGE_ITEMS_MAX));
  const page = await pageOfRuns(ports, count, before);
  if (page.tag === "page") {
    const { records, next, diagnostics } = page;
    return { tag: "page", items: records.map(shownRun), next, diagnostics };
  }
  const message = `The run records could not be read: ${page.reason}.`;
  const problem = diagnostic("run_record_read_error", { path: "__graphform/runs", message });
  return { tag: "refused", diagnostics: [problem] };
}
