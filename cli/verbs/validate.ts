/** `graphform validate`: is the config folder right? Hermetic: reads the folder, nothing else (design 5). */

import { validateOutput } from "../../lib/desired/validate-output.ts";
import { hasErrors } from "../../lib/diagnostic/diagnostic.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openDesired } from "../open-config.ts";
import { count } from "../render/describe-step.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";

export async function validate(context: CommandContext): Promise<ExitCode> {
  const output = validateOutput(await openDesired(context.config_dir));
  if (context.json) {
    printJson(context, output);
    return output.ok ? 0 : 1;
  }
  const facts = `${count(output.resources.length, "resource")}, ${count(output.dependencies.length, "dependency edge")}`;
  const { bold, green, red } = context.out;
  const head = output.ok ? `${green("cluster config valid")}: ${facts}` : bold(red("cluster config invalid"));
  printLines(context, [head, ...renderDiagnostics(output.diagnostics, context.out)]);
  return hasErrors(output.diagnostics) ? 1 : 0;
}
