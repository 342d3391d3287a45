/** The graphform command: its verbs and options. Every verb is a file of its own and is loaded when it is called. */
import { userInfo } from "node:os";
import { Command } from "commander";
import type { CommandContext, ExitCode } from "./command-context.ts";
import { styleFor } from "./style.ts";
import { VERSION } from "./version.ts";

interface GlobalOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly as?: string;
}

function contextOf(command: Command): CommandContext {
  const { config, json, as } = command.optsWithGlobals<GlobalOptions>();
  const terminal = process.stdout.isTTY === true;
  return {
    config_dir: config,
    json: json === true,
    actor: as ?? systemUser(),
    out: styleFor(terminal && json !== true, process.env["NO_COLOR"]),
    interactive: terminal && process.stdin.isTTY === true,
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
}

function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Runs a verb and keeps its exit code; nothing a verb is meant to report arrives here as an exception. */
async function run(
  command: Command,
  verb: (context: CommandContext) => Promise<ExitCode> | ExitCode,
): Promise<void> {
  process.exitCode = await verb(contextOf(command));
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

function program(): Command {
  const root = new Command("graphform")
    .description("Plan and apply the graphs, queries and policies of a cluster from a folder of files.")
    .version(VERSION)
    .option("--config <dir>", "config folder", ".")
    .option("--json", "print the result as JSON")
    .option("--as <actor>", "who acts; default: the user of this machine")
    .showHelpAfterError("Run `graphform --help` for the verbs and options.")
    .showSuggestionAfterError(true)
    .addHelpText(
      "after",
      examples([
        "graphform init",
        "graphform validate",
        "graphform import",
        "graphform plan",
        "graphform apply",
      ]),
    );
  addConfigVerbs(root);
  return root;
}

function addConfigVerbs(root: Command): void {
  root
    .command("init")
    .argument("[dir]", "folder to write to", ".")
    .description("write a commented starter folder")
    .addHelpText("after", examples(["graphform init my-cluster"]))
    .action(async (dir: string, _options: unknown, command: Command) => {
      const { init } = await import("./verbs/init.ts");
      await run(command, (context) => init(context, dir));
    });
  root
    .command("validate")
    .description("check the config folder without touching anything")
    .addHelpText("after", examples(["graphform validate", "graphform validate --config infra/brain --json"]))
    .action(async (_options: unknown, command: Command) => {
      const { validate } = await import("./verbs/validate.ts");
      await run(command, validate);
    });
}

await program().parseAsync();
