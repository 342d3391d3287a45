/** `graphform runs list | show ID | cancel ID`: the records of runs. */

import { findRun } from "../../lib/apply/runs/find-run.ts";
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import { listOpenRuns, listRuns, type RunListing } from "../../lib/apply/runs/run-store.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../../lib/diagnostic/diagnostic.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { cancelRun } from "../../lib/operate/cancel-run.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderRun, renderRuns } from "../render/render-runs.ts";
import { failure } from "./verb-failure.ts";

/** How many of the newest runs are listed beside those that have not ended. */
const RUNS_LISTED = 20;

export async function listRunRecords(context: CommandContext, openOnly: boolean): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "runs list", storage.diagnostics, { runs: [] });
  const ports = openCluster(storage);
  const newest = openOnly ? NO_RUNS : await listRuns(ports, RUNS_LISTED);
  const listings = [await listOpenRuns(ports), newest];
  const failed = listings.find((each) => each.tag === "unavailable");
  if (failed !== undefined) return failure(context, "runs list", [unread(failed.reason)], { runs: [] });
  const listed = listings.flatMap((each) => (each.tag === "listed" ? [each] : []));
  const byId = new Map(listed.flatMap(({ records }) => records).map((each) => [each.run_id, each]));
  const runs = [...byId.values()].sort((a, b) => (a.run_id < b.run_id ? -1 : 1));
  const diagnostics = onePerPath(listed.flatMap((each) => each.diagnostics));
  if (context.json) {
    const { config_dir } = context;
    printJson(context, { ok: !hasErrors(diagnostics), format_version: 1, config_dir, runs, diagnostics });
  } else {
    printLines(context, [...renderRuns(runs, context.out), ...renderDiagnostics(diagnostics, context.out)]);
  }
  return hasErrors(diagnostics) ? 1 : 0;
}

const NO_RUNS: RunListing = { tag: "listed", records: [], diagnostics: [] };

function unread(reason: string): Diagnostic {
  const message = `The run records could not be read: ${reason}.`;
  return diagnostic("run_record_read_error", { path: "__graphform/runs", message });
}

/** A record that is open and among the newest has been read twice. */
function onePerPath(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [each.path, each])).values()];
}

export async function showRunRecord(context: CommandContext, id: RunId): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  const facts: { readonly run: RunRecord | null } = { run: null };
  if (storage.tag === "unusable") return failure(context, "runs show", storage.diagnostics, facts);
  const found = await findRun(openCluster(storage), id);
  if (found.tag === "refused") return failure(context, "runs show", found.diagnostics, facts);
  const { record } = found.stored;
  const { config_dir } = context;
  if (context.json)
    printJson(context, { ok: true, format_version: 1, config_dir, run: record, diagnostics: [] });
  else printLines(context, renderRun(record, config_dir, context.out));
  return 0;
}

export async function cancelRunRecord(context: CommandContext, id: RunId): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  const facts: { readonly run: RunRecord | null } = { run: null };
  if (storage.tag === "unusable") return failure(context, "runs cancel", storage.diagnostics, facts);
  const { run, diagnostics } = await cancelRun(openCluster(storage), id);
  if (run === null) return failure(context, "runs cancel", diagnostics, facts);
  const { config_dir } = context;
  if (context.json) printJson(context, { ok: true, format_version: 1, config_dir, run, diagnostics });
  else printLines(context, [`cluster runs cancel: the run ${id} is given up; what it has done stays`]);
  return 0;
}
