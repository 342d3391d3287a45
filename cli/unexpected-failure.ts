/**
 * The last resort: a failure that no verb knows how to report is a defect of this program. The person learns what was
 * being done and that nothing is half decided; the trace is for whoever mends it.
 */
import type { ExitCode } from "./command-context.ts";
import { printable } from "./render/printable.ts";
import { printedLine } from "./render/printed-line.ts";

const UNCOLOURED = { coloured: false } as const;

export function reportUnexpected(error: unknown, trace: boolean): ExitCode {
  const message = printable(error instanceof Error ? error.message : String(error));
  const lines = [
    `graphform stopped because of a defect of its own: ${message}`,
    "What it had recorded is safe: `graphform status` shows it, and the next apply or refresh settles what is open.",
    trace && error instanceof Error
      ? (error.stack ?? "")
          .split("\n")
          .map((line) => printedLine(line, UNCOLOURED))
          .join("\n")
      : "For a report, run it again with GRAPHFORM_TRACE=1.",
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
  return 1;
}
