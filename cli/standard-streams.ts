/**
 * Standard output and standard error as they are: the reader of a pipe may leave (`| head -1`), a terminal may be
 * closed, a disk may be full.
 *
 * Guarantees: none of these ends a run half done or shows a stack trace. A reader that left wants no more and is no
 * error; what could not be written for another reason is told on standard error and makes the exit code 1.
 */
import type { ExitCode } from "./command-context.ts";

/** The reader left: of a pipe, or of a terminal that was closed. */
const READER_LEFT_CODES = new Set(["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

export interface StandardStreams {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** The exit code of a verb, in view of whether its output could be written. */
  readonly settle: (code: ExitCode) => ExitCode;
}

export function readerLeft(error: Error): boolean {
  return "code" in error && typeof error.code === "string" && READER_LEFT_CODES.has(error.code);
}

export function openStandardStreams(): StandardStreams {
  let failed = false;
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error) => {
    if (readerLeft(error) || failed) return;
    failed = true;
    process.stderr.write(`The output could not be written: ${error.message}.\n`);
    process.exitCode = 1;
  });
  return {
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    settle: (code) => (failed ? 1 : code),
  };
}
