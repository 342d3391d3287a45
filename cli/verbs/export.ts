/** `graphform export --graph ID`: the rows of a graph as JSON lines, on standard output or into a file. */

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { exportGraph } from "../../lib/apply/export-graph.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage } from "../open-config.ts";
import { count } from "../render/describe-step.ts";
import { failure } from "./verb-failure.ts";

export interface ExportOptions {
  readonly graph: string;
  /** Manifest version to read; undefined: the newest. */
  readonly version: number | undefined;
  /** Also write the ids of edges. */
  readonly edge_ids: boolean;
  /** File to write; undefined: standard output. */
  readonly out: string | undefined;
}

export async function exportRows(context: CommandContext, options: ExportOptions): Promise<ExitCode> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") return failure(context, "export", storage.diagnostics);
  const found = await exportGraph(openCluster(storage.root).engine, options.graph, options);
  if (found.tag === "failed") return failure(context, "export", found.diagnostics);
  const target = options.out === undefined ? process.stdout : createWriteStream(options.out);
  const written = await writeLines(target, found.lines, options.out !== undefined);
  if (written.tag === "failed") {
    const message = `The rows could not be written to ${options.out ?? "standard output"}: ${written.reason}.`;
    return failure(context, "export", [
      diagnostic("output_file_unwritable", { path: options.out ?? "-", message }),
    ]);
  }
  if (options.out === undefined) return 0;
  const facts = {
    graph: options.graph,
    manifest_version: found.version,
    rows: written.rows,
    file: options.out,
  };
  if (context.json) printJson(context, { ok: true, format_version: 1, ...facts, diagnostics: [] });
  else
    printLines(context, [
      `exported ${count(written.rows, "row")} of graph.${options.graph}, version ${found.version}, to ${options.out}`,
    ]);
  return 0;
}

type Written =
  | { readonly tag: "written"; readonly rows: number }
  | { readonly tag: "failed"; readonly reason: string };

async function writeLines(target: Writable, lines: AsyncIterable<string>, close: boolean): Promise<Written> {
  let rows = 0;
  try {
    for await (const line of lines) {
      rows += 1;
      if (!target.write(`${line}\n`)) await once(target, "drain");
    }
    if (close) {
      target.end();
      await once(target, "finish");
    }
    return { tag: "written", rows };
  } catch (error) {
    return { tag: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}
