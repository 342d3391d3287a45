/** Runs a verb in this process and keeps what it writes: for tables of many cases, where a process each is too slow. */
import type { CommandContext, ExitCode } from "../../cli/command-context.ts";
import { styleFor } from "../../cli/style.ts";
import type { JsonRan } from "./command.ts";

export function captured(folder: string): { readonly context: CommandContext; readonly text: () => string } {
  let out = "";
  const write = (text: string) => {
    out += text;
  };
  const context = {
    config_dir: folder,
    json: true,
    actor: "tester",
    out: styleFor(false, undefined),
    interactive: false,
    write,
    writeError: write,
  };
  return { context, text: () => out };
}

/** As `runJson`: standard output is one JSON object and nothing else. */
export async function verbJson(
  folder: string,
  verb: (context: CommandContext) => Promise<ExitCode> | ExitCode,
): Promise<JsonRan> {
  const { context, text } = captured(folder);
  const code = await verb(context);
  const document = JSON.parse(text()) as Readonly<Record<string, unknown>>;
  const diagnostics = (document["diagnostics"] ?? []) as readonly { readonly code: string }[];
  return { code, document, keys: Object.keys(document), codes: diagnostics.map((each) => each.code) };
}
