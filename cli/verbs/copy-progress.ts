/** The progress bar of a backup or a restore: on a terminal only, on standard error. */
import { Presets, SingleBar } from "cli-progress";
import type { CopyProgress } from "../../lib/backup/copy-objects.ts";
import type { CommandContext } from "../command-context.ts";

export interface CopyBar {
  readonly update: (progress: CopyProgress) => void;
  readonly stop: () => void;
}

/** The bar starts anew for each part of the work: objects of one kind, or another attempt. */
export function copyProgress(context: CommandContext): CopyBar {
  if (context.json || process.stderr.isTTY !== true) {
    return { update: () => undefined, stop: () => undefined };
  }
  const format = " {bar} {value} of {total} objects | {written} bytes written";
  const bar = new SingleBar(
    { format, clearOnComplete: true, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(1, 0, { written: 0 });
  return {
    update: ({ objects, of, bytes_written }) => {
      bar.setTotal(of);
      bar.update(objects, { written: bytes_written });
    },
    stop: () => bar.stop(),
  };
}
