/** Ends a verb that could not begin: the diagnostics under its headline, or as JSON, and exit code 1. */
import { resolve } from "node:path";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import {
  NO_LEDGER,
  NO_LOCK,
  type StateObservations,
  stateObservations,
} from "../../lib/plan/state-observations.ts";
import type { Unanswered } from "../cluster/cluster.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { printable } from "../render/printable.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";

/** `facts`: what the verb's output promises besides, so that its readers find the same members on failure. */
export function failure(
  context: CommandContext,
  verb: string,
  diagnostics: readonly Diagnostic[],
  facts: Readonly<Record<string, unknown>> = {},
): ExitCode {
  if (context.json) {
    const { config_dir } = context;
    printJson(context, { ok: false, format_version: 1, config_dir, ...facts, diagnostics });
    return 1;
  }
  printLines(context, [
    context.out.red(`cluster ${verb} failed`),
    ...renderDiagnostics(diagnostics, context.out),
  ]);
  return 1;
}

/** Ends a verb that got no answer of the cluster: it failed, or somebody left a run that goes on. */
export function noAnswer(
  context: CommandContext,
  verb: string,
  why: Unanswered,
  facts: Readonly<Record<string, unknown>> = {},
): ExitCode {
  if (why.tag === "failed") return failure(context, verb, why.diagnostics, facts);
  const { config_dir } = context;
  const { run } = why;
  if (context.json) {
    printJson(context, { ok: true, format_version: 1, config_dir, ...facts, run, diagnostics: [] });
  } else {
    const rejoin = commandLine(context, "runs watch", run.run_id);
    printLines(context, [
      context.out.yellow(
        `cluster ${verb}: the run ${printable(run.run_id)} goes on without this command (${run.state})`,
      ),
      "",
      `Next: ${rejoin}, which waits for its end`,
    ]);
  }
  return 3;
}

/** The ledger and the lock of a config that does not say where they are. */
export function nothingObserved(context: CommandContext): StateObservations {
  return stateObservations(resolve(context.config_dir), NO_LEDGER, NO_LOCK);
}
