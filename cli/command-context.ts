/** What every verb gets: the global options, who acts, and where to write. */
import { exactNumbers } from "../lib/plan/plan-document.ts";
import type { ApiTarget } from "./api/target.ts";
import { printedJson } from "./render/printed-json.ts";
import { printedLine } from "./render/printed-line.ts";
import type { Style } from "./style.ts";

export interface CommandContext {
  /** `--config`, as typed. */
  readonly config_dir: string;
  /** The deployment that answers; absent: the cluster is the one of the config folder. */
  readonly api?: ApiTarget;
  readonly json: boolean;
  /** `--as`, else the name of the operating system's user. */
  readonly actor: string | null;
  readonly out: Style;
  /** True if standard input and output are a terminal, so that a question can be asked. */
  readonly interactive: boolean;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/**
 * 0: fine. 1: an error was reported. 2: `plan --detailed-exitcode` found changes. 3: the work is not finished and goes
 * on: an apply stopped at its deadline, or somebody left a run of a deployment.
 */
export type ExitCode = 0 | 1 | 2 | 3;

/** What a verb does once its arguments are known. */
export type Verb = (context: CommandContext) => Promise<ExitCode> | ExitCode;

/** One line each, whatever it holds: nothing in it is another line, an order to the terminal or to a build system. */
export function printLines(context: CommandContext, lines: readonly string[]): void {
  if (lines.length === 0) return;
  context.write(`${lines.map((line) => printedLine(line, context.out)).join("\n")}\n`);
}

/** The machine-readable form: pretty JSON on standard output, also on failure. */
export function printJson(context: CommandContext, document: unknown): void {
  context.write(`${printedJson(JSON.stringify(document, exactNumbers, 2))}\n`);
}
