/** `graphform runs list | show ID | watch ID | cancel ID`: the records of runs. */
import { isOnlyPlanned } from "../../lib/apply/runs/run-kind.ts";
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import { type Diagnostic, hasErrors } from "../../lib/diagnostic/diagnostic.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { leftUnknown } from "../../lib/operate/cancel-run.ts";
import type { ShownRun } from "../cluster/cluster.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { renderRun, renderRuns } from "../render/render-runs.ts";
import { noAnswer } from "./verb-failure.ts";

export async function listRunRecords(context: CommandContext, openOnly: boolean): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).runs(openOnly);
  if (asked.tag !== "answered") return noAnswer(context, "runs list", asked, { runs: [] });
  const { runs, diagnostics } = asked.output;
  if (context.json) {
    const { config_dir } = context;
    printJson(context, { ok: !hasErrors(diagnostics), format_version: 1, config_dir, runs, diagnostics });
  } else {
    const lines = runs.length === 0 ? [noRuns(context, openOnly)] : renderRuns(runs, context.out);
    printLines(context, [...lines, ...renderDiagnostics(diagnostics, context.out)]);
  }
  return hasErrors(diagnostics) ? 1 : 0;
}

function noRuns({ api }: CommandContext, openOnly: boolean): string {
  if (api === undefined) return "no runs: an apply has a record only if it is given a deadline";
  return openOnly ? "no runs that have not ended" : "no runs yet";
}

/** What the output promises when there is no run to show. */
const NO_RUN: { readonly run: RunRecord | null; readonly output: unknown } = { run: null, output: null };

export async function showRunRecord(context: CommandContext, id: RunId): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).run(id);
  if (asked.tag !== "answered") return noAnswer(context, "runs show", asked, NO_RUN);
  printRun(context, asked.output);
  return 0;
}

/** Waits for the end of a run; its exit code is that of the run. */
export async function watchRunRecord(context: CommandContext, id: RunId): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).watch(id);
  if (asked.tag !== "answered") return noAnswer(context, "runs watch", asked, NO_RUN);
  const { run } = asked.output;
  printRun(context, asked.output);
  if (run.outcome === null) return 3;
  return FAILED_OUTCOMES.has(run.outcome) || isOnlyPlanned(run) ? 1 : 0;
}

const FAILED_OUTCOMES: ReadonlySet<RunRecord["outcome"]> = new Set([
  "partial",
  "refused",
  "unknown",
  "canceled",
]);

/** With what the run answered, where a deployment has kept it and the caller may see it. */
function printRun(context: CommandContext, { run, output }: ShownRun): void {
  const { config_dir } = context;
  if (context.json)
    printJson(context, { ok: true, format_version: 1, config_dir, run, output, diagnostics: [] });
  else printLines(context, renderRun(run, diagnosticsIn(output), context, context.out));
}

/** Every answer says what it reports in the same member. */
function diagnosticsIn(output: unknown): readonly Diagnostic[] {
  if (typeof output !== "object" || output === null || !("diagnostics" in output)) return [];
  return Array.isArray(output.diagnostics) ? (output.diagnostics as readonly Diagnostic[]) : [];
}

export async function cancelRunRecord(context: CommandContext, id: RunId): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).cancel(id);
  if (asked.tag !== "answered") return noAnswer(context, "runs cancel", asked, { run: null });
  const { config_dir } = context;
  const { run } = asked.output;
  const diagnostics = leftUnknown(run);
  if (context.json) printJson(context, { ok: true, format_version: 1, config_dir, run, diagnostics });
  else {
    const given = `cluster runs cancel: the run ${id} is given up; what it has done stays`;
    printLines(context, [given, ...renderDiagnostics(diagnostics, context.out)]);
  }
  return 0;
}
