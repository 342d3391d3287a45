/** `graphform init [DIR]`: writes a commented starter folder. Never replaces a file that is there. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { STARTER_FILES } from "./starter-folder.ts";

export function init(context: CommandContext, folder: string): ExitCode {
  const taken = STARTER_FILES.filter((file) => existsSync(join(folder, file.path)));
  if (taken.length > 0) {
    const diagnostics = taken.map((file) =>
      diagnostic("init_file_exists", {
        path: join(folder, file.path),
        message: `${join(folder, file.path)} is already there, so nothing was written.`,
      }),
    );
    if (context.json) printJson(context, { ok: false, format_version: 1, files: [], diagnostics });
    else printLines(context, renderDiagnostics(diagnostics, context.out));
    return 1;
  }
  for (const file of STARTER_FILES) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.text, { flag: "wx" });
  }
  const files = STARTER_FILES.map((file) => join(folder, file.path));
  if (context.json) printJson(context, { ok: true, format_version: 1, files, diagnostics: [] });
  else
    printLines(context, [
      ...files.map((file) => `  ${context.out.green("+")} ${file}`),
      "",
      ...nextSteps(folder),
    ]);
  return 0;
}

function nextSteps(folder: string): readonly string[] {
  const where = folder === "." ? "" : ` --config ${folder}`;
  return [
    "Next:",
    `  graphform validate${where}`,
    `  graphform import${where}`,
    `  graphform plan${where}`,
    `  graphform apply${where}`,
    `  graphform load${where} --graph knowledge ${join(folder, "data/seed.jsonl")}`,
  ];
}
