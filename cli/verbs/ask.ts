/** Asks a question on the terminal; anything but `yes`, also Ctrl-C and the end of input, is no. */
import { createInterface } from "node:readline/promises";

export async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
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
