/** Asks a question on the terminal; anything but `yes`, also Ctrl-C and the end of input, is no. */
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

export async function ask(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stdout },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  const stop = new AbortController();
  lines.once("SIGINT", () => stop.abort());
  lines.once("close", () => stop.abort());
  try {
    return (await lines.question(question, { signal: stop.signal })).trim() === "yes";
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
