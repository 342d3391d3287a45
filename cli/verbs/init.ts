/** `graphform init [DIR]`: writes a commented starter folder. Never replaces a file that is there. */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { unwritableFile } from "./file-problem.ts";
import { STARTER_FILES } from "./starter-folder.ts";

export async function init(context: CommandContext, folder: string): Promise<ExitCode> {
  const taken = STARTER_FILES.map((file) => join(folder, file.path)).filter((path) => existsSync(path));
  if (taken.length > 0) return refused(context, taken.map(fileExists));
  const files = STARTER_FILES.map((file) => join(folder, file.path));
  for (const file of STARTER_FILES) {
    const problem = await writeStarter(join(folder, file.path), file.text);
    if (problem !== null) return refused(context, [problem]);
  }
  if (context.json) {
    printJson(context, { ok: true, format_version: 1, files, diagnostics: [] });
    return 0;
  }
  const written = files.map((file) => `  ${context.out.green("+")} ${file}`);
  printLines(context, [...written, "", ...nextSteps(folder)]);
  return 0;
}

function fileExists(path: string): Diagnostic {
  return diagnostic("init_file_exists", {
    path,
    message: `${path} is already there, so nothing was written.`,
  });
}

/** Fails rather than replaces, also when the file has appeared since it was looked for. */
async function writeStarter(path: string, text: string): Promise<Diagnostic | null> {
  try {
    await NODE_FILE_CALLS.makeFolder(dirname(path));
    writeFileSync(path, text, { flag: "wx" });
    return null;
  } catch (error) {
    return unwritableFile(path, "The starter file", error);
  }
}

function refused(context: CommandContext, diagnostics: readonly Diagnostic[]): ExitCode {
  if (context.json) printJson(context, { ok: false, format_version: 1, files: [], diagnostics });
  else
    printLines(context, [
      context.out.red("cluster init failed"),
      ...renderDiagnostics(diagnostics, context.out),
    ]);
  return 1;
}

/** What the starter folder says, done: each of these runs as it stands. */
function nextSteps(folder: string): readonly string[] {
  return [
    "Next:",
    `  ${commandLine(folder, "validate")}`,
    `  ${commandLine(folder, "import")}`,
    `  ${commandLine(folder, "plan")}`,
    `  ${commandLine(folder, "apply")}`,
    `  ${commandLine(folder, "load", "--graph", "knowledge", join(folder, "data/seed.jsonl"))}`,
    `  ${commandLine(folder, "export", "--graph", "knowledge")}`,
  ];
}
