/** `graphform validate`: is the config right? On a folder it reads the folder and nothing else (design 5). */
import { type Diagnostic, hasErrors } from "../../lib/diagnostic/diagnostic.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { count } from "../render/describe-step.ts";
import { printableFields } from "../render/printable.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { noAnswer } from "./verb-failure.ts";

export async function validate(context: CommandContext): Promise<ExitCode> {
  const asked = await (await openClusterOf(context)).validate();
  if (asked.tag !== "answered") return noAnswer(context, "validate", asked);
  const { output } = asked;
  if (context.json) {
    printJson(context, output);
    return output.ok ? 0 : 1;
  }
  const facts = `${count(output.resources.length, "resource")}, ${count(output.dependencies.length, "dependency edge")}`;
  const { bold, green, red } = context.out;
  const head = output.ok ? `${green("cluster config valid")}: ${facts}` : bold(red("cluster config invalid"));
  const denied = output.diagnostics.filter((each) => each.code === "external_blob_ingress_default_deny");
  const rest = output.diagnostics.filter((each) => !denied.includes(each));
  printLines(context, [
    head,
    ...renderDiagnostics(rest, context.out),
    ...deniedBlobs(printableFields(denied), context),
  ]);
  return hasErrors(output.diagnostics) ? 1 : 0;
}

/**
 * What holds for nearly every cluster is no alarm: one line where the other diagnostics have a block each. The code
 * stays, for whoever looks for it.
 */
function deniedBlobs(denied: readonly Diagnostic[], { out }: CommandContext): readonly string[] {
  if (denied.length === 0) return [];
  const graphs = denied.map((each) => each.path.split(".")[1]).join(", ");
  return [
    out.dim(
      `${out.yellow("WARN ")} ${denied[0]!.code}: no external blobs without external_blobs.allow (${graphs})`,
    ),
  ];
}
