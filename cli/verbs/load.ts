/** `graphform load --graph ID FILE`: all rows of a JSON-lines file or none, with a progress bar on a terminal. */
import { createReadStream } from "node:fs";
import { type LoadRunOutput, loadGraph } from "../../lib/apply/load-graph.ts";
import type { LoadMode } from "../../lib/engine/engine.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { count } from "../render/describe-step.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { watchLoadInterrupts } from "./interrupts.ts";
import { examineLoadFile } from "./load-file.ts";
import { loadProgress } from "./load-progress.ts";
import { failure } from "./verb-failure.ts";

export interface LoadOptions {
  readonly graph: string;
  readonly file: string;
  readonly mode: LoadMode;
}

export async function load(context: CommandContext, options: LoadOptions): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "load", storage.diagnostics);
  const file = await examineLoadFile(options.file);
  if (file.tag === "problem") return failure(context, "load", [file.diagnostic]);
  const progress = loadProgress(context, file.bytes);
  const interrupts = watchLoadInterrupts(context, progress.stop);
  const output = await loadGraph(openCluster(storage.root), {
    graph: options.graph,
    mode: options.mode,
    actor: context.actor,
    config_dir: context.config_dir,
    source_name: options.file,
    open: () => createReadStream(options.file),
    progress: progress.update,
  });
  progress.stop();
  interrupts.stop();
  if (context.json) printJson(context, output);
  else printLines(context, render(context, output));
  return output.ok ? 0 : 1;
}

function render(context: CommandContext, output: LoadRunOutput): readonly string[] {
  const problems = renderDiagnostics(output.diagnostics, context.out);
  if (!output.ok)
    return [context.out.red(`load into graph.${output.graph} failed; nothing was changed`), ...problems];
  if (output.counts.length === 0) return ["the file holds no rows; nothing was changed", ...problems];
  const rows = output.counts.reduce((sum, each) => sum + each.rows, 0);
  const head = `loaded ${count(rows, "row")} into graph.${output.graph} (${output.mode}), version ${output.manifest_version}`;
  const width = Math.max(0, ...output.counts.map((each) => each.type_name.length));
  const lines = output.counts.map(
    (each) => `  ${each.type_name.padEnd(width)}  ${each.rows.toLocaleString("en-US")}`,
  );
  return [context.out.green(head), ...lines, ...problems];
}
