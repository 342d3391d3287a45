/** The progress bar of a load: on a terminal only, on standard error, so that output can be piped. */
import { Presets, SingleBar } from "cli-progress";
import type { LoadProgress } from "../../lib/engine/engine.ts";
import type { CommandContext } from "../command-context.ts";

export interface ProgressBar {
  readonly update: (progress: LoadProgress) => void;
  readonly stop: () => void;
}

/** `bytes`: size of the source. The source may be read more than once; the bar then starts again. */
export function loadProgress(context: CommandContext, bytes: number): ProgressBar {
  if (context.json || process.stderr.isTTY !== true || bytes === 0) {
    return { update: () => undefined, stop: () => undefined };
  }
  const format = " {bar} {percentage}% | line {lines} | {rows} rows";
  const bar = new SingleBar(
    { format, clearOnComplete: true, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(bytes, 0, { lines: 0, rows: 0 });
  return {
    update: (progress) =>
      bar.update(progress.bytes_read, { lines: progress.lines_read, rows: progress.rows_accepted }),
    stop: () => bar.stop(),
  };
}
