/** `graphform export --graph ID`: the rows of a graph as JSON lines, on standard output or into a file. */
import { createWriteStream } from "node:fs";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { openClusterOf } from "../cluster/open.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { count } from "../render/describe-step.ts";
import { unwritableFile } from "./file-problem.ts";
import { failure, noAnswer } from "./verb-failure.ts";
import { writeLines } from "./write-lines.ts";

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
  const asked = await (await openClusterOf(context)).exportRows(options);
  if (asked.tag === "left") return noAnswer(context, "export", asked);
  if (asked.tag === "failed") return refused(context, options, asked.diagnostics);
  const found = asked.output;
  const target = options.out === undefined ? process.stdout : createWriteStream(options.out);
  const written = await writeLines(target, found.lines, options.out !== undefined);
  if (written.tag === "reader_left") return 0;
  if (written.tag === "failed") {
    const problem = unwritableFile(options.out ?? "standard output", "The rows", written.error);
    return refused(context, options, [problem]);
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

/** Standard output is for rows: where they go to a file through it, a person must still see what went wrong. */
function refused(
  context: CommandContext,
  options: ExportOptions,
  diagnostics: readonly Diagnostic[],
): ExitCode {
  const rowsOnOutput = options.out === undefined && !context.json;
  return failure(rowsOnOutput ? { ...context, write: context.writeError } : context, "export", diagnostics);
}
