/**
 * Log: what a run did, as data. Never holds a secret value (U2). Losing it loses nothing: truth is in the ledger,
 * receipts and run records.
 */
export interface LogEvent {
  /** What happened, a short stable name such as `apply.effect.done`. */
  readonly event: string;
  readonly [field: string]: string | number | boolean | null;
}

export interface Log {
  /** What happened as it should. Never throws, never waits. */
  info(event: LogEvent): void;
  /** What a person may want to look at. Never throws, never waits. */
  warn(event: LogEvent): void;
}

/** A log that keeps nothing. */
export const SILENT_LOG: Log = { info: () => undefined, warn: () => undefined };
