/** The progress bar of bytes on their way to or from a deployment: on a terminal only, on standard error. */
import { Presets, SingleBar } from "cli-progress";
import type { CommandContext } from "../command-context.ts";

export interface TransferProgress {
  /** The same chunks, shown as they pass. */
  readonly shown: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  readonly stop: () => void;
}

/** `bytes`: all that will pass. */
export function transferProgress(context: CommandContext, bytes: number): TransferProgress {
  if (context.json || process.stderr.isTTY !== true || bytes === 0) {
    return { shown: (chunks) => chunks, stop: () => undefined };
  }
  const format = " {bar} {percentage}% of {mebibytes} MiB";
  const bar = new SingleBar(
    { format, clearOnComplete: true, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(bytes, 0, { mebibytes: (bytes / 1024 ** 2).toFixed(1) });
  const shown = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bar.increment(chunk.byteLength);
      yield chunk;
    }
  };
  return { shown, stop: () => bar.stop() };
}
