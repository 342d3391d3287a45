/** `graphform load --graph ID FILE`: all rows of a JSON-lines file or none, with a progress bar on a terminal. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type LoadRunOutput, loadGraph } from "../../lib/apply/load-graph.ts";
import type { LoadMode } from "../../lib/engine/engine.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { count } from "../render/describe-step.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { fileProblem } from "./file-problem.ts";
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
  const size = await sizeOf(options.file);
  if (size.tag === "problem") return failure(context, "load", [fileProblem(options.file, size.reason)]);
  const progress = loadProgress(context, size.bytes);
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
  if (context.json) printJson(context, output);
  else printLines(context, render(context, output));
  return output.ok ? 0 : 1;
}

type Size =
  | { readonly tag: "size"; readonly bytes: number }
  | { readonly tag: "problem"; readonly reason: string };

async function sizeOf(file: string): Promise<Size> {
  try {
    const facts = await stat(file);
    if (facts.isDirectory()) return { tag: "problem", reason: "it is a folder" };
    return { tag: "size", bytes: facts.size };
  } catch (error) {
    return { tag: "problem", reason: error instanceof Error ? error.message : String(error) };
  }
}

function render(context: CommandContext, output: LoadRunOutput): readonly string[] {
  const problems = renderDiagnostics(output.diagnostics, context.out);
  if (!output.ok)
    return [context.out.red(`load into graph.${output.graph} failed; nothing was changed`), ...problems];
  const rows = output.counts.reduce((sum, each) => sum + each.rows, 0);
  const head = `loaded ${count(rows, "row")} into graph.${output.graph} (${output.mode}), version ${output.manifest_version}`;
  const width = Math.max(0, ...output.counts.map((each) => each.type_name.length));
  const lines = output.counts.map(
    (each) => `  ${each.type_name.padEnd(width)}  ${each.rows.toLocaleString("en-US")}`,
  );
  return [context.out.green(head), ...lines, ...problems];
}
