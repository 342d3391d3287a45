/** Ends a verb that could not begin: the diagnostics under its headline, or as JSON, and exit code 1. */
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";

export function failure(context: CommandContext, verb: string, diagnostics: readonly Diagnostic[]): ExitCode {
  if (context.json) {
    printJson(context, { ok: false, format_version: 1, config_dir: context.config_dir, diagnostics });
    return 1;
  }
  printLines(context, [
    context.out.red(`cluster ${verb} failed`),
    ...renderDiagnostics(diagnostics, context.out),
  ]);
  return 1;
}
