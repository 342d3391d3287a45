/**
 * Ctrl-C, and the signals that ask a process to end. While the ledger may be written the first one lets the running
 * step end: what was done is recorded and the lock given back. The second one ends the process at once; intents stay,
 * and the next run settles them.
 */
import { constants } from "node:os";
import type { CommandContext } from "../command-context.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type Signal = (typeof SIGNALS)[number];
/** Shells show 128 + the signal's number. */
const SIGNAL_EXIT_CODE_BASE = 128;

export interface Interrupts {
  readonly requested: () => boolean;
  readonly stop: () => void;
}

function listen(onSignal: (signal: Signal) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}

function end(context: CommandContext, signal: Signal, lines: readonly string[]): never {
  context.writeError(`\n${lines.join("\n")}\n`);
  process.exit(SIGNAL_EXIT_CODE_BASE + constants.signals[signal]);
}

/** For a run that holds the lock. */
export function watchInterrupts(context: CommandContext): Interrupts {
  let count = 0;
  const stop = listen((signal) => {
    count += 1;
    if (count > 1) {
      end(context, signal, [
        "Stopped. Nothing is lost: the next apply or refresh settles what was open before it does anything else.",
        "If it finds the lock held, the lock is free again within a minute.",
      ]);
    }
    context.writeError("\nStopping after the step that is running. Press Ctrl-C again to stop at once.\n");
  });
  return { requested: () => count > 0, stop };
}

/** For a load, which holds no lock and publishes all rows in one step: it can end at any moment. */
export function watchLoadInterrupts(
  context: CommandContext,
  beforeEnd: () => void,
): { readonly stop: () => void } {
  const stop = listen((signal) => {
    beforeEnd();
    end(context, signal, [
      "Stopped. A load stores all rows of its file or none: `graphform export` shows which it was.",
      "What it had prepared is out of sight: no command ever reads it.",
    ]);
  });
  return { stop };
}

/** For what ends well once it is told to: the first signal asks for it, the second ends the process at once. */
export function watchLeaving(
  context: CommandContext,
  lastWords: readonly string[],
): { readonly left: AbortSignal; readonly stop: () => void } {
  const leaving = new AbortController();
  const stop = listen((signal) => {
    if (leaving.signal.aborted) end(context, signal, lastWords);
    leaving.abort();
  });
  return { left: leaving.signal, stop };
}
