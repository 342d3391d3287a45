/** `graphform load --graph ID FILE`: all rows of a JSON-lines file or none, with a progress bar on a terminal. */
import { createReadStream } from "node:fs";
import { loadGraph } from "../../lib/apply/load-graph.ts";
import type { LoadMode } from "../../lib/engine/engine.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { renderLoad } from "../render/render-load.ts";
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
  const output = await loadGraph(openCluster(storage), {
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
  else printLines(context, renderLoad(output, context.out));
  return output.ok ? 0 : 1;
}
