/**
 * Clock: the only source of time. Wall time may jump; nothing that matters for correctness compares two clocks
 * (reliability 3.2).
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  nowMs(): number;
  /** Resolves after at least `durationMs` milliseconds, or at once when `wake` is aborted; never rejects. */
  sleep(durationMs: number, wake?: AbortSignal): Promise<void>;
}

/** RFC 3339 UTC with `Z`; the fraction has no trailing zeros and is omitted when zero (spec/cluster 4.3). */
export function timestamp(clock: Clock): string {
  return formatTimestamp(clock.nowMs());
}

/** The same for a given instant in milliseconds since the Unix epoch. */
export function formatTimestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.?0*Z$/, "Z");
}
