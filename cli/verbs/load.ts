/** `graphform load --graph ID FILE`: all rows of a JSON-lines file or none, with a progress bar on a terminal. */
import type { LoadMode } from "../../lib/engine/engine.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderLoad } from "../render/render-load.ts";
import { examineLoadFile } from "./load-file.ts";
import { failure, noAnswer } from "./verb-failure.ts";

export interface LoadOptions {
  readonly graph: string;
  readonly file: string;
  readonly mode: LoadMode;
}

export async function load(context: CommandContext, options: LoadOptions): Promise<ExitCode> {
  const file = await examineLoadFile(options.file);
  if (file.tag === "problem") return failure(context, "load", [file.diagnostic]);
  const asked = await (await openClusterOf(context)).load({ ...options, file_bytes: file.bytes });
  if (asked.tag !== "answered") {
    const { graph, mode } = options;
    const facts = { graph, mode, actor: null, run_id: null, manifest_version: null, counts: [] };
    return noAnswer(context, "load", asked, facts);
  }
  if (context.json) printJson(context, asked.output);
  else printLines(context, renderLoad(asked.output, context.out));
  return asked.output.ok ? 0 : 1;
}
