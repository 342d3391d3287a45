/**
 * Ctrl-C during an apply. The first one stops the run between two steps: what was done is recorded, the lock is given
 * back. The second one ends the process at once; intents stay, and the next run settles them.
 */
import type { CommandContext } from "../command-context.ts";

/** Shells show 128 + the signal's number. */
const INTERRUPTED_EXIT_CODE = 130;

export interface Interrupts {
  readonly requested: () => boolean;
  readonly stop: () => void;
}

export function watchInterrupts(context: CommandContext): Interrupts {
  let count = 0;
  const onSignal = () => {
    count += 1;
    if (count === 1) {
      context.writeError("\nStopping after the step that is running. Press Ctrl-C again to stop at once.\n");
      return;
    }
    const advice =
      "Stopped. Nothing is lost: the next graphform apply settles what was open before it does anything else.";
    const lock = "If it finds the lock held, it is free again within a minute.";
    context.writeError(`\n${advice}\n${lock}\n`);
    process.exit(INTERRUPTED_EXIT_CODE);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    requested: () => count > 0,
    stop: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
