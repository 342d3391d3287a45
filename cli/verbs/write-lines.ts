/**
 * Lines into a file or a pipe, in pieces, each waited for: memory stays bounded, and every failure of the target
 * arrives here as a value.
 */
import type { Writable } from "node:stream";
import { readerLeft } from "../standard-streams.ts";

/** Text that is written at once, in characters. */
const PIECE_CHARACTERS_MAX = 64 * 1024;

export type LinesWritten =
  | { readonly tag: "written"; readonly rows: number }
  /** The reader of the pipe wants no more. */
  | { readonly tag: "reader_left" }
  | { readonly tag: "failed"; readonly error: unknown };

/** `close`: also ends the target, and waits until it is complete. */
export async function writeLines(
  target: Writable,
  lines: AsyncIterable<string>,
  close: boolean,
): Promise<LinesWritten> {
  target.on("error", () => undefined);
  let rows = 0;
  let piece = "";
  try {
    for await (const line of lines) {
      rows += 1;
      piece += `${line}\n`;
      if (piece.length < PIECE_CHARACTERS_MAX) continue;
      const problem = await put(target, piece);
      if (problem !== null) return stopped(target, problem);
      piece = "";
    }
  } catch (error) {
    return { tag: "failed", error };
  }
  const problem = (piece === "" ? null : await put(target, piece)) ?? (close ? await end(target) : null);
  return problem === null ? { tag: "written", rows } : stopped(target, problem);
}

/** What first went wrong with the target is the cause; a later write only says that it is closed. */
function stopped(target: Writable, problem: Error): LinesWritten {
  const cause = target.errored ?? problem;
  return readerLeft(cause) ? { tag: "reader_left" } : { tag: "failed", error: cause };
}

function put(target: Writable, text: string): Promise<Error | null> {
  return new Promise((resolve) => target.write(text, (error) => resolve(error ?? null)));
}

/** A target that failed before answers at once instead of waiting for an end that never comes. */
function end(target: Writable): Promise<Error | null> {
  return new Promise((resolve) => {
    if (target.errored !== null) return resolve(target.errored);
    target.once("error", resolve);
    target.once("finish", () => resolve(null));
    target.end();
  });
}
